import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { traceTrees } from '../../src/compare/trace-tree.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { run } from '../support/run.ts';

const REGISTER = ['--import', join(root, 'register')];

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly traces: readonly unknown[];
}

/** Runs a script under the flag. */
async function runScript(script: string, env: Record<string, string> = {}): Promise<Result> {
  await using daemon = await startFakeDaemon();
  const { code, stdout, stderr } = await run([...REGISTER, '-e', script], {
    cwd: root,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_SERVICE_NAME: 'service',
      ...env,
    },
  });
  return { code, stdout, stderr, traces: traceTrees(daemon.flat()) };
}

test('a subsegment without sampling is left out of the trace, with all below it', async () => {
  const { traces } = await runScript(`
    const AWSXRay = require('aws-xray-sdk-core');
    const segment = new AWSXRay.Segment('tree');
    const hidden = segment.addNewSubsegmentWithoutSampling('hidden');
    hidden.addNewSubsegment('below').close();
    hidden.close();
    segment.addNewSubsegment('shown').close();
    segment.close();
  `);
  expect(traces).toEqual([{ name: 'tree', children: [{ name: 'shown' }] }]);
});

test('spans of the OpenTelemetry API are subsegments, and the other way round', async () => {
  const { stdout, traces } = await runScript(`
    const { trace } = require('@opentelemetry/api');
    const { traceTask } = require('otel-xray');
    const AWSXRay = require('aws-xray-sdk-core');
    traceTask('task', () => {
      const segment = AWSXRay.getSegment();
      console.log(segment instanceof AWSXRay.Segment, segment.name);
      trace.getTracer('app').startActiveSpan('span', (span) => {
        console.log(AWSXRay.getSegment() instanceof AWSXRay.Subsegment, AWSXRay.getSegment().id === span.spanContext().spanId);
        AWSXRay.getSegment().addAnnotation('on', 'span');
        AWSXRay.captureFunc('captured', () => {
          trace.getTracer('app').startSpan('inside').end();
        });
        span.end();
      });
      segment.addAnnotation('on', 'segment');
    });
  `);
  expect(stdout).toBe('true task\ntrue true\n');
  expect(traces).toEqual([
    {
      name: 'task',
      annotations: { on: 'segment' },
      children: [
        {
          name: 'span',
          annotations: { on: 'span' },
          children: [{ name: 'captured', children: [{ name: 'inside' }] }],
        },
      ],
    },
  ]);
});

test('an unsampled request has a segment that records nothing', async () => {
  const { code, stdout, traces } = await runScript(
    `
    const AWSXRay = require('aws-xray-sdk-core');
    const { traceTask } = require('otel-xray');
    traceTask('task', () => {
      const segment = AWSXRay.getSegment();
      segment.addAnnotation('a', 1);
      console.log(segment.notTraced, AWSXRay.captureFunc('f', () => 'ran'));
    });
  `,
    { OTEL_TRACES_SAMPLER: 'always_off' },
  );
  expect({ code, stdout, traces }).toEqual({ code: 0, stdout: 'true ran\n', traces: [] });
});

test('OTEL_XRAY_SDK_FACADE=off loads the X-Ray SDK itself', async () => {
  const script = `
    const AWSXRay = require('aws-xray-sdk-core');
    console.log(AWSXRay.middleware.sampler === undefined);
  `;
  const [on, off] = await Promise.all([
    runScript(script),
    runScript(script, { OTEL_XRAY_SDK_FACADE: 'off', AWS_XRAY_LOG_LEVEL: 'silent' }),
  ]);
  expect([on.stdout, off.stdout]).toEqual(['true\n', 'false\n']);
});

test('one line at level info says that the facade answers', async () => {
  const { stderr } = await runScript(`require('aws-xray-sdk-core'); require('aws-xray-sdk');`, {
    OTEL_LOG_LEVEL: 'info',
  });
  const lines = stderr.split('\n').filter((line) => line.includes('OTEL_XRAY_SDK_FACADE'));
  expect(lines).toEqual([
    'info otel-xray: aws-xray-sdk-core is answered by otel-xray/xray-sdk; OTEL_XRAY_SDK_FACADE=off loads the X-Ray SDK itself',
  ]);
});

test('the exports of the facade can be replaced, as mocks do', async () => {
  const { stdout } = await runScript(`
    const AWSXRay = require('aws-xray-sdk');
    AWSXRay.captureFunc = () => 'mocked';
    console.log(require('aws-xray-sdk-core').captureFunc('a', () => {}));
  `);
  expect(stdout).toBe('mocked\n');
});

/** Prints the names of an object, two levels deep, with the methods of its classes. */
const NAMES = `
  const namesOf = (object, prefix, depth) =>
    Object.keys(object).flatMap((key) => {
      const { [key]: value } = object;
      const parent = Object.getPrototypeOf(value?.prototype ?? {}) ?? {};
      const methods = [value?.prototype ?? {}, parent === Object.prototype ? {} : parent].flatMap(Object.getOwnPropertyNames);
      const inside = depth > 0 && Object(value) === value ? namesOf(value, prefix + key + '.', depth - 1) : [];
      return [prefix + key, ...methods.map((name) => prefix + key + '#' + name), ...inside];
    });
  console.log(namesOf(require('aws-xray-sdk'), '', 1).join('\\n'));
`;

test('the facade exports every name of the X-Ray SDK', async () => {
  const off = { OTEL_XRAY_SDK_FACADE: 'off', AWS_XRAY_LOG_LEVEL: 'silent' };
  const [facade, sdk] = await Promise.all([runScript(NAMES), runScript(NAMES, off)]);
  const own = new Set(facade.stdout.split('\n'));
  const missing = sdk.stdout
    .split('\n')
    .filter((name) => !own.has(name) && !/#(?:init|constructor)$/.test(name));
  // The SDK's own sampler and data are not for apps; what an app sets of the data is kept.
  expect(missing).toEqual([
    'middleware.sampler',
    'SegmentUtils.sdkData',
    'SegmentUtils.serviceData',
  ]);
});

test('a name that the facade does not have logs one line when it is called', async () => {
  const { code, stdout, stderr } = await runScript(`
    const AWSXRay = require('aws-xray-sdk');
    console.log(AWSXRay.captureTomorrow('client'), AWSXRay.captureTomorrow('client'), AWSXRay.version);
  `);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'client client undefined\n' });
  expect(stderr.match(/captureTomorrow/g)).toEqual(['captureTomorrow']);
});

test('without a tracer, as in unit tests, segments are kept and the context is followed', async () => {
  const { code, stdout } = await run(
    [
      '-e',
      `const { default: AWSXRay } = require('otel-xray/xray-sdk');
       const segment = new AWSXRay.Segment('test');
       AWSXRay.getNamespace().runPromise(async () => {
         AWSXRay.setSegment(segment);
         await AWSXRay.captureAsyncFunc('step', async (subsegment) => {
           await null;
           console.log(AWSXRay.getSegment() === subsegment);
           subsegment.addMetadata('rows', 3);
           subsegment.close();
         });
         console.log(segment.subsegments[0].metadata, AWSXRay.getSegment() === segment);
       });`,
    ],
    { cwd: root },
  );
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'true\n{ default: { rows: 3 } } true\n',
  });
});

describe('settings that an app changes by calls', () => {
  test('setDaemonAddress sends to the other daemon from then on', async () => {
    await using other = await startFakeDaemon();
    const { traces } = await runScript(
      `
      const AWSXRay = require('aws-xray-sdk-core');
      new AWSXRay.Segment('first').close();
      AWSXRay.setDaemonAddress(':${other.endpoint.port}');
      new AWSXRay.Segment('second').close();
    `,
      { AWS_XRAY_DAEMON_ADDRESS: '' },
    );
    await other.received(1);
    expect(other.flat().map(({ name }) => name)).toContain('second');
    expect(traces).toEqual([]);
  });

  test('setSamplingRules applies local rules once disableCentralizedSampling is called', async () => {
    const { stdout } = await runScript(
      `
      const AWSXRay = require('aws-xray-sdk-core');
      const { isSampled, traceTask } = require('otel-xray');
      const sampled = () => Array.from({ length: 20 }, () => traceTask('t', () => isSampled())).filter(Boolean).length;
      AWSXRay.middleware.disableCentralizedSampling();
      AWSXRay.middleware.setSamplingRules({ version: 2, default: { fixed_target: 0, rate: 0 }, rules: [] });
      console.log(sampled());
      AWSXRay.middleware.setSamplingRules({ version: 2, default: { fixed_target: 0, rate: 1 }, rules: [] });
      console.log(sampled());
    `,
      { OTEL_TRACES_SAMPLER: 'xray' },
    );
    expect(stdout).toBe('0\n20\n');
  });

  test.each([
    ['setDaemonAddress', `AWSXRay.setDaemonAddress('a:b:c:d')`],
    ['setSamplingRules', 'AWSXRay.middleware.setSamplingRules()'],
    ['setAWSWhitelist', 'AWSXRay.setAWSWhitelist(7)'],
  ])('%s throws for what it cannot read, as the X-Ray SDK does', async (_name, call) => {
    const { stdout } = await runScript(
      `
      const AWSXRay = require('aws-xray-sdk-core');
      try { ${call}; } catch (error) { console.log(error instanceof Error); }
    `,
      { AWS_XRAY_DAEMON_ADDRESS: '' },
    );
    expect(stdout).toBe('true\n');
  });
});
