import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { XRayExporter } from '../../src/exporter/index.ts';
import { XRaySpanProcessor } from '../../src/exporter/processor.ts';
import { asyncResource, deferExport } from '../../src/resource/index.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { toDocuments } from '../../src/translator/index.ts';
import { hasBinary } from '../support/binaries.ts';
import {
  detectWithoutLimit,
  type MetadataDouble,
  type Routes,
  resourceDeps,
  startMetadata,
  type World,
} from '../support/metadata.ts';
import {
  BEANSTALK_CONF,
  BEANSTALK_FILE,
  ECS_CONTAINER,
  EKS_CONTAINER_ID,
  EKS_FILES,
  ecsTask,
  IMDS,
} from '../support/places.ts';
import { type RealDaemon, startRealDaemon } from '../support/real-daemon.ts';

const BASE = { 'service.name': 'unknown_service:node', 'telemetry.sdk.name': 'opentelemetry' };
const EC2_BLOCK = {
  instance_id: 'i-0123456789abcdef0',
  availability_zone: 'eu-west-1a',
  instance_size: 'm7g.large',
  ami_id: 'ami-0abcdef1234567890',
};
const XRAY = { sdk: 'opentelemetry', auto_instrumentation: false };
const TASK = '158d1c8083dd49d6b527399fd6414f5c';
const ECS_BLOCK = {
  container: 'host-1',
  container_id: `${TASK}-2495160603`,
  availability_zone: 'eu-west-1b',
  container_arn: `arn:aws:ecs:eu-west-1:123456789012:container/shop/${TASK}/0f1`,
  cluster_arn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop',
  task_arn: `arn:aws:ecs:eu-west-1:123456789012:task/shop/${TASK}`,
  task_family: 'shop',
};
const LOGS = [
  {
    log_group: '/ecs/web',
    arn: 'arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web',
  },
];

interface Place extends Pick<World, 'files' | 'requestLimitMs'> {
  readonly place: string;
  readonly names?: readonly string[];
  readonly routes: Routes;
  /** Returns the environment for the address of the fake metadata service. */
  readonly env: (url: string) => Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<'name' | 'origin' | 'aws' | 'version', unknown>>;
}

const PLACES: readonly Place[] = [
  {
    place: 'EC2',
    routes: IMDS,
    env: (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url, OTEL_SERVICE_NAME: 'on-ec2' }),
    expected: {
      name: 'on-ec2',
      origin: 'AWS::EC2::Instance',
      aws: { account_id: '123456789012', ec2: EC2_BLOCK, xray: XRAY },
      version: undefined,
    },
  },
  {
    place: 'ECS on Fargate',
    routes: {
      'GET /v4/x': ECS_CONTAINER,
      'GET /v4/x/task': ecsTask('FARGATE', 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop'),
    },
    env: (url) => ({
      ECS_CONTAINER_METADATA_URI_V4: `${url}/v4/x`,
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    }),
    expected: {
      name: 'shop',
      origin: 'AWS::ECS::Fargate',
      aws: {
        account_id: '123456789012',
        ecs: { ...ECS_BLOCK, launch_type: 'fargate' },
        cloudwatch_logs: LOGS,
        xray: XRAY,
      },
      version: 'v17',
    },
  },
  {
    place: 'ECS on EC2',
    routes: { ...IMDS, 'GET /v4/x': ECS_CONTAINER, 'GET /v4/x/task': ecsTask('EC2', 'shop') },
    env: (url) => ({
      ECS_CONTAINER_METADATA_URI_V4: `${url}/v4/x`,
      AWS_EXECUTION_ENV: 'AWS_ECS_EC2',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
      OTEL_SERVICE_NAME: 'on-ecs-ec2',
    }),
    expected: {
      name: 'on-ecs-ec2',
      origin: 'AWS::ECS::EC2',
      aws: {
        account_id: '123456789012',
        ec2: { ...EC2_BLOCK, availability_zone: 'eu-west-1b' },
        ecs: { ...ECS_BLOCK, launch_type: 'ec2' },
        cloudwatch_logs: LOGS,
        xray: XRAY,
      },
      version: 'v17',
    },
  },
  {
    place: 'EKS',
    routes: {},
    files: EKS_FILES,
    env: () => ({
      KUBERNETES_SERVICE_HOST: '10.100.0.1',
      OTEL_SERVICE_NAME: 'on-eks',
      OTEL_RESOURCE_ATTRIBUTES: 'k8s.cluster.name=prod,k8s.pod.name=web-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    }),
    expected: {
      name: 'on-eks',
      origin: 'AWS::EKS::Container',
      aws: {
        eks: { cluster_name: 'prod', pod: 'web-1', container_id: EKS_CONTAINER_ID },
        xray: XRAY,
      },
      version: undefined,
    },
  },
  {
    place: 'Elastic Beanstalk',
    routes: IMDS,
    files: { [BEANSTALK_FILE]: BEANSTALK_CONF },
    env: (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }),
    expected: {
      name: 'shop-prod',
      origin: 'AWS::ElasticBeanstalk::Environment',
      aws: {
        account_id: '123456789012',
        ec2: EC2_BLOCK,
        elastic_beanstalk: {
          environment_name: 'shop-prod',
          version_label: 'app-5a56-170119_190650',
          deployment_id: 32,
        },
        xray: XRAY,
      },
      version: 'app-5a56-170119_190650',
    },
  },
  {
    place: 'App Runner',
    names: ['env', 'apprunner'],
    routes: {},
    env: () => ({ OTEL_SERVICE_NAME: 'on-app-runner', AWS_REGION: 'eu-west-1' }),
    expected: {
      name: 'on-app-runner',
      origin: 'AWS::AppRunner::Service',
      aws: { xray: XRAY },
      version: undefined,
    },
  },
  {
    place: 'EC2 whose metadata service hangs',
    routes: { 'PUT /latest/api/token': 'hang' },
    requestLimitMs: 100,
    env: (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url, OTEL_SERVICE_NAME: 'hung-ec2' }),
    expected: { name: 'hung-ec2', origin: undefined, aws: { xray: XRAY }, version: undefined },
  },
  {
    place: 'ECS whose metadata service answers garbage',
    routes: { 'GET /v4/x': '<html>', 'GET /v4/x/task': '{' },
    env: (url) => ({
      ECS_CONTAINER_METADATA_URI_V4: `${url}/v4/x`,
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      OTEL_SERVICE_NAME: 'garbled-ecs',
    }),
    expected: {
      name: 'garbled-ecs',
      origin: 'AWS::ECS::Fargate',
      aws: { ecs: { container: 'host-1', launch_type: 'fargate' }, xray: XRAY },
      version: undefined,
    },
  },
];

/** One span that ends before a metadata service is queried. */
async function traceOneRequest(daemon: RealDaemon, place: Place, double: MetadataDouble) {
  const deps = resourceDeps({
    env: place.env(double.url),
    files: place.files ?? {},
    ...(place.requestLimitMs === undefined ? {} : { requestLimitMs: place.requestLimitMs }),
  });
  const detected = detectWithoutLimit(place.names ?? ['env', 'aws'], deps);
  const resource = asyncResource(BASE, detected);
  const exporter = new XRayExporter({
    daemon: daemon.endpoint,
    translate: (span) => toDocuments(span, {}),
  });
  const processor = deferExport(new XRaySpanProcessor({ exporter }), resource);
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor as never] });
  provider.getTracer('test').startSpan('request', { kind: 1 }).end();
  await provider.forceFlush();
  await provider.shutdown();
  return deps;
}

function facts(document: SegmentDocument | undefined): unknown {
  return (
    document && {
      name: document.name,
      origin: document.origin,
      aws: document.aws,
      version: document.service?.version,
    }
  );
}

describe.runIf(hasBinary('xray-daemon'))('uploaded by the daemon', () => {
  let daemon: RealDaemon;
  const warnings: Record<string, number> = {};
  beforeAll(async () => {
    daemon = await startRealDaemon();
    for (const place of PLACES) {
      await using double = await startMetadata(place.routes);
      const deps = await traceOneRequest(daemon, place, double);
      warnings[place.place] = deps.warnings.length;
    }
    await daemon.until(({ uploads }) => uploads().length >= PLACES.length);
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  test.for(PLACES)('$place', ({ expected }) => {
    const document = daemon.uploads().find(({ name }) => name === expected.name);
    expect(facts(document)).toEqual(expected);
  });

  test('one warning for each platform whose attributes are missing, and none for the others', () => {
    expect(warnings).toEqual(
      Object.fromEntries(PLACES.map(({ place }) => [place, /hangs|garbage/.test(place) ? 1 : 0])),
    );
  });
});
