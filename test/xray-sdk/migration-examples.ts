/**
 * Code for the X-Ray SDK, by the heading of the migration page that replaces it. Each runs on the SDK
 * and on the facade.
 */
export interface MigrationExample {
  /** Statements inside a segment named `job`; `segment` and `AWSXRay` are in scope. */
  readonly inside?: string;
  /** A whole program instead. */
  readonly program?: string;
  /** First column of the table of differences on the page. */
  readonly difference?: string;
}

export const EXAMPLES: Readonly<Record<string, MigrationExample>> = {
  "`require('aws-xray-sdk')` first in the file": { inside: '' },
  '`AWSXRay.config([EC2Plugin, ECSPlugin, ElasticBeanstalkPlugin])`': {
    program: `
      AWSXRay.config([AWSXRay.plugins.ElasticBeanstalkPlugin]);
      new AWSXRay.Segment('job').close();`,
  },
  '`middleware.setDefaultName(name)`': {
    program: `
      AWSXRay.middleware.setDefaultName('shop');
      new AWSXRay.Segment(AWSXRay.middleware.resolveName('any.example.com')).close();`,
  },
  '`middleware.enableDynamicNaming(pattern)`': {
    program: `
      AWSXRay.middleware.setDefaultName('shop');
      AWSXRay.middleware.enableDynamicNaming('*.example.com');
      for (const host of ['api.example.com', 'other.test']) {
        new AWSXRay.Segment(AWSXRay.middleware.resolveName(host)).close();
      }`,
  },
  '`middleware.setSamplingRules(rules)`': {
    inside: `
      AWSXRay.middleware.setSamplingRules({
        version: 2, default: { fixed_target: 10, rate: 1 }, rules: [],
      });`,
  },
  '`middleware.disableCentralizedSampling()`': {
    inside: 'AWSXRay.middleware.disableCentralizedSampling();',
  },
  '`setDaemonAddress(address)`': {
    inside: 'AWSXRay.setDaemonAddress(process.env.AWS_XRAY_DAEMON_ADDRESS);',
  },
  '`setContextMissingStrategy(strategy)`': {
    program: `
      AWSXRay.setContextMissingStrategy((message) => console.log(message !== ''));
      AWSXRay.getSegment();
      AWSXRay.setContextMissingStrategy('IGNORE_ERROR');
      new AWSXRay.Segment('job').close();`,
  },
  '`setLogger(logger)`, `getLogger()`': {
    inside: `
      const logger = { debug() {}, info() {}, warn() {}, error() {} };
      AWSXRay.setLogger(logger);
      console.log(AWSXRay.getLogger() === logger);`,
  },
  '`setStreamingThreshold(count)`': {
    inside: `
      AWSXRay.setStreamingThreshold(2);
      for (const name of ['a', 'b', 'c', 'd']) AWSXRay.captureFunc(name, () => {});`,
  },
  '`captureFunc(name, fn)`': {
    inside: `console.log(AWSXRay.captureFunc('sum', () => 40 + 2));`,
  },
  '`captureAsyncFunc(name, fn)`': {
    inside: `
      await AWSXRay.captureAsyncFunc('load', async (subsegment) => {
        try {
          throw new Error('no such cart');
        } catch (error) {
          subsegment.close(error);
        }
      });`,
  },
  '`captureCallbackFunc(name, callback)`': {
    inside: `
      const callback = AWSXRay.captureCallbackFunc('later', (value) => console.log(value));
      await new Promise((done) => setImmediate(() => { callback(7); done(); }));`,
  },
  '`getSegment()`': {
    inside: `
      AWSXRay.getSegment().addMetadata('cart.items', 3);
      AWSXRay.captureFunc('step', () => AWSXRay.getSegment().addAnnotation('inner', true));`,
  },
  '`setSegment(segment)`, `getNamespace().run(fn)`': {
    program: `
      const segment = new AWSXRay.Segment('job');
      AWSXRay.getNamespace().run(() => {
        AWSXRay.setSegment(segment);
        AWSXRay.captureFunc('step', () => {});
      });
      segment.close();`,
  },
  '`new Segment(name, root, parent)`': {
    program: `
      const root = '1-581cf771-a006649127e371903a2de979';
      new AWSXRay.Segment('order', root, '70de5b6f19ff9a0a').close();
      new AWSXRay.Segment('sweep carts').close();`,
  },
  '`segment.addNewSubsegment(name)`, `subsegment.close()`': {
    inside: `
      const work = segment.addNewSubsegment('checkout');
      work.addAnnotation('items', 0);
      work.addNewSubsegment('pay').close();
      work.close();`,
  },
  '`addNewSubsegmentWithoutSampling(name)`': {
    inside: `
      segment.addNewSubsegmentWithoutSampling('poll').close();
      segment.addNewSubsegment('work').close();`,
    difference: '`addNewSubsegmentWithoutSampling`',
  },
  '`addAnnotation(key, value)`': {
    inside: `
      segment.addAnnotation('tier', 'gold');
      segment.addAnnotation('items', 3);
      segment.addAnnotation('first', false);`,
  },
  '`addMetadata(key, value, namespace)`': {
    inside: `
      segment.addMetadata('source', { rows: 3 });
      segment.addMetadata('plan', ['scan', 'sort'], 'database');`,
  },
  '`addError(error, remote)`, `subsegment.close(error)`': {
    inside: `
      const outer = segment.addNewSubsegment('call');
      outer.addError(new RangeError('too many'), true);
      outer.close();
      segment.addNewSubsegment('second').close(new TypeError('not a cart'));`,
  },
  '`addFaultFlag()`, `addErrorFlag()`, `addThrottleFlag()`': {
    inside: `
      for (const flag of ['addFaultFlag', 'addErrorFlag', 'addThrottleFlag']) {
        const part = segment.addNewSubsegment(flag);
        part[flag]();
        part.close();
      }`,
  },
  '`segment.setUser(id)`': { inside: `segment.setUser('ada');` },
  '`addSqlData(new SqlData(…))`': {
    inside: `
      const query = segment.addNewSubsegment('orders@db.example.com');
      query.namespace = 'remote';
      query.addSqlData(
        new AWSXRay.database.SqlData('8.0', 'mysql2', 'ada', 'db.example.com:3306/orders', 'statement'),
      );
      query.close();`,
  },
  '`addRemoteRequestData(request, response)`, `addIncomingRequestData(data)`': {
    inside: `
      const call = segment.addNewSubsegment('stock.example.com');
      call.namespace = 'remote';
      call.addRemoteRequestData(
        { method: 'GET', path: '/items', host: 'stock.example.com', agent: { protocol: 'https:' } },
        { statusCode: 200, headers: { 'content-length': '7' } },
      );
      call.close();
      segment.addIncomingRequestData(
        new AWSXRay.middleware.IncomingRequestData({
          method: 'GET', url: '/cart?page=2', headers: { host: 'shop.example.com' }, connection: {},
        }),
      );`,
  },
  '`addPrecursorId(id)`': {
    inside: `
      const first = segment.addNewSubsegment('first');
      first.close();
      const second = segment.addNewSubsegment('second');
      second.addPrecursorId(first.id);
      second.close();`,
  },
  '`utils.processTraceData(header)`': {
    inside: `
      const header = 'Root=1-581cf771-a006649127e371903a2de979;Parent=70de5b6f19ff9a0a;Sampled=1';
      console.log(AWSXRay.utils.processTraceData(header));`,
  },
  '`SqsMessageHelper.isSampled(message)`': {
    inside: `
      const { default: SqsMessageHelper } = require('aws-xray-sdk-core/dist/lib/env/sqs_message_helper');
      for (const sampled of [0, 1]) {
        const AWSTraceHeader = 'Root=1-581cf771-a006649127e371903a2de979;Sampled=' + sampled;
        console.log(SqsMessageHelper.isSampled({ attributes: { AWSTraceHeader } }));
      }`,
  },
  '`segment.trace_id`': {
    inside: `console.log(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(segment.trace_id), /^[0-9a-f]{16}$/.test(segment.id));`,
  },
  '`segment.flush()`': { inside: `segment.addNewSubsegment('part').close();` },
  '`enableManualMode()`, `XRaySegment` parameters': {
    program: `
      AWSXRay.enableManualMode();
      const segment = new AWSXRay.Segment('job');
      AWSXRay.captureFunc('step', (step) => step.addAnnotation('by', 'hand'), segment);
      segment.close();`,
  },
};

/** Headings whose code needs a server, a database or AWS, with the program in `programs/`. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  '`express.openSegment(name)`, `closeSegment()`, and the plugins for Restify, Fastify, Hapi, Koa':
    'express-shop.cjs',
  '`captureHTTPsGlobal(http)`, `captureHTTPs(http)`': 'concurrent.cjs',
  '`captureFetchGlobal()`, `captureFetchModule()`': 'fetch-client.cjs',
  '`captureAWSv3Client(client)`': 'dynamodb.cjs',
  '`captureAWS`, `captureAWSClient` (SDK v2)': 'aws-sdk-v2.cjs',
  '`setAWSWhitelist`, `appendAWSWhitelist`': 'helpers.cjs',
  '`captureMySQL(mysql)`, `capturePostgres(pg)`': 'public-names.cjs',
  '`capturePromise()`': 'namespaces.cjs',
};
