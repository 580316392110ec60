/** Compiled twice: with the types of the X-Ray SDK, and with those of the facade. It never runs. */
import http from 'node:http';
import https from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import AWSXRay, { type Segment, type SegmentLike, type Subsegment } from 'aws-xray-sdk';

AWSXRay.config([AWSXRay.plugins.EC2Plugin, AWSXRay.plugins.ECSPlugin]);
AWSXRay.setLogger(console);
AWSXRay.setContextMissingStrategy('LOG_ERROR');
AWSXRay.setContextMissingStrategy((message: string) => console.log(message));
AWSXRay.setDaemonAddress('127.0.0.1:2000');
AWSXRay.setStreamingThreshold(10);
AWSXRay.capturePromise();
AWSXRay.captureHTTPsGlobal(http);
export const traced: typeof https = AWSXRay.captureHTTPs(https);
export const client: DynamoDBClient = AWSXRay.captureAWSv3Client(new DynamoDBClient({}));

void AWSXRay.express.openSegment('shop');
void AWSXRay.express.closeSegment();
AWSXRay.middleware.setDefaultName('shop');
AWSXRay.middleware.enableDynamicNaming('*.example.com');
AWSXRay.middleware.setSamplingRules({
  version: 2,
  default: { fixed_target: 1, rate: 0.1 },
  rules: [{ host: '*', http_method: '*', url_path: '/health', fixed_target: 0, rate: 0 }],
});

export function annotate(entity: SegmentLike | undefined): void {
  entity?.addAnnotation('tier', 'gold');
  entity?.addMetadata('basket', { items: 3 }, 'shop');
}

export function job(): void {
  const segment: Segment = new AWSXRay.Segment('job', '1-581cf771-a006649127e371903a2de979');
  segment.setUser('user-7');
  segment.origin = 'AWS::EC2::Instance';
  const child: Subsegment = segment.addNewSubsegment('step');
  child.namespace = 'remote';
  child.addAttribute('aws', { operation: 'GetItem' });
  child.addSqlData(new AWSXRay.database.SqlData('15', '8', 'reader', 'pg://db/orders'));
  child.addError(new Error('broken'), true);
  child.close();
  segment.subsegments?.[0]?.close();
  segment.close(new Error('failed'));
}

export const sum: number = AWSXRay.captureFunc('sum', (subsegment?: Subsegment) => {
  annotate(subsegment);
  return 1 + 1;
});
export const later: Promise<string> = AWSXRay.captureAsyncFunc('later', async (subsegment) => {
  subsegment?.close();
  return 'done';
});
export const callback: (a: number, b: string) => string = AWSXRay.captureCallbackFunc(
  'callback',
  (a: number, b: string) => `${a}${b}`,
);

const namespace = AWSXRay.getNamespace();
namespace.run(() => AWSXRay.setSegment(new AWSXRay.Segment('s')));
export const value: number = namespace.runAndReturn(() => 7);
export const promise: Promise<number> = namespace.runPromise(async () => 7);
export const bound: () => void = namespace.bind(job);
export const header: { [key: string]: string } = AWSXRay.utils.processTraceData('Root=1');
export const cause: 'error' | 'fault' | undefined = AWSXRay.utils.getCauseTypeFromHttpStatus(404);
export const server: http.Server = http.createServer((request, response) => {
  const segment = AWSXRay.middleware.traceRequestResponseCycle(request, response);
  annotate(segment);
  annotate(AWSXRay.getSegment());
  annotate(AWSXRay.resolveSegment(segment));
});
