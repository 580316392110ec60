import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeDaemon, startFakeDaemon } from '../support/fake-daemon.ts';
import { outline } from '../support/outline.ts';
import { type App, installApp } from '../support/packed.ts';
import { type Finished, run, start } from '../support/run.ts';
import {
  FORMS,
  nodeSdkWithParts,
  otherDistribution,
  ownInstrumentations,
  ownNodeSdk,
  providerWithParts,
  SDK_LINES,
  serviceText,
  withProcessors,
} from './apps.ts';

const OURS = ['--import', 'otel-xray/register'];
/** Documents of one request to `/call`. */
const VISIT = 6;

describe.for(SDK_LINES)('with an app on SDK $line', (sdk) => {
  let app: App;

  beforeAll(async () => {
    app = await installApp(...sdk.packages);
    app.file('other.cjs', otherDistribution());
    for (const form of FORMS) {
      app.file(`instrumentations.${form}`, ownInstrumentations(form));
      app.file(`sdk.${form}`, ownNodeSdk(form));
      app.file(`parts.${form}`, nodeSdkWithParts(form));
      app.file(`processors.${form}`, withProcessors(form, sdk));
      app.file(`provider.${form}`, providerWithParts(form, sdk));
      app.file(`plain-app.${form}`, serviceText(form));
      for (const first of ['instrumentations', 'sdk', 'parts']) {
        app.file(`${first}-app.${form}`, serviceText(form, first));
      }
    }
  });
  afterAll(() => app.remove());

  /** Starts a service, requests `/call`, and stops the service. */
  async function visit(args: readonly string[], daemon: FakeDaemon): Promise<Finished> {
    const port = String(daemon.endpoint.port);
    const running = start(args, {
      cwd: app.folder,
      program: app.node,
      env: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port}`,
        DAEMON_PORT: port,
        OTEL_SERVICE_NAME: 'mixed',
        OTEL_TRACES_SAMPLER: 'always_on',
      },
    });
    const [, appPort] = await running.line(/^listening on (\d+)$/);
    const response = await fetch(`http://127.0.0.1:${appPort}/call`);
    expect(await response.json()).toEqual({ status: 200 });
    return running.stop();
  }

  /** Returns documents as an outline with the marks of the app's own instrumentations. */
  const lines = (daemon: FakeDaemon): string[] =>
    outline(daemon.flat(), ({ metadata }) => {
      const by: unknown = (metadata?.['default'] as Record<string, unknown> | undefined)?.['by'];
      return [by === undefined ? undefined : `by ${String(by)}`];
    });

  test.for(FORMS)('%s: spans of the API are part of the trace', async (form) => {
    await using daemon = await startFakeDaemon();
    const end = await visit([...OURS, `plain-app.${form}`], daemon);
    await daemon.received(VISIT);
    expect(end.stderr).toBe('');
    expect(lines(daemon)).toEqual([
      'mixed segment 200',
      '  request handler subsegment',
      '    work subsegment',
      '      127.0.0.1 subsegment 200',
      '        mixed segment 200',
      '          request handler subsegment',
    ]);
  });

  test.for(FORMS)('%s: instrumentations of the app replace the built-in ones', async (form) => {
    await using daemon = await startFakeDaemon();
    const end = await visit([...OURS, `instrumentations-app.${form}`], daemon);
    await daemon.received(VISIT);
    expect(end.stderr).toBe('');
    expect(lines(daemon)).toEqual([
      'mixed segment 200 by app',
      '  request handler subsegment by app',
      '    work subsegment',
      '      127.0.0.1 subsegment 200 by app',
      '        mixed segment 200 by app',
      '          request handler subsegment by app',
    ]);
  });

  test.for(FORMS)('%s: one warning for a NodeSDK that starts after otel-xray', async (form) => {
    await using daemon = await startFakeDaemon();
    const end = await visit([...OURS, `sdk-app.${form}`], daemon);
    await daemon.received(VISIT);
    expect(end.stderr).toBe(
      'warn otel-xray: the app starts a second OpenTelemetry setup, which is ignored; its spans go to ' +
        'X-Ray. Remove that setup from the app, or remove otel-xray/register and pass our exporter, ' +
        'sampler and propagator to it.\n',
    );
    expect(lines(daemon)).toHaveLength(VISIT);
  });

  test.for(
    FORMS.flatMap((form) => [
      { form, how: 'in code alone', args: [] },
      { form, how: 'after the flag', args: OURS },
    ]),
  )('$form: span processors of the app get every span, $how', async ({ form, args }) => {
    await using daemon = await startFakeDaemon();
    const end = await run([...args, `processors.${form}`], {
      cwd: app.folder,
      program: app.node,
      env: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        OTEL_SERVICE_NAME: 'mixed',
        OTEL_TRACES_SAMPLER: 'always_on',
      },
    });
    expect(end).toMatchObject({
      code: 0,
      stderr: 'warn otel-xray: a span processor without a method onEnd() is ignored\n',
    });
    const spans = ['work a mixed', 'job a mixed'];
    expect(JSON.parse(end.stdout)).toEqual({
      byOption: spans,
      byMethod: spans,
      byProvider: spans,
    });
    await daemon.received(2);
    expect(daemon.flat().map(({ metadata }) => metadata?.['default'])).toEqual([
      expect.objectContaining({ tenant: 'a' }),
      expect.objectContaining({ tenant: 'a' }),
    ]);
  });

  test('if another distribution started first, otel-xray does not start and logs one warning', async () => {
    await using daemon = await startFakeDaemon();
    const end = await visit(['--require', './other.cjs', ...OURS, 'plain-app.cjs'], daemon);
    expect(end.stderr).toMatch(
      /^warn otel-xray: not started: another OpenTelemetry setup \(\w*TracerProvider\w*\) started first\. .*\n$/,
    );
    expect(daemon.datagrams).toHaveLength(0);
  });

  test.for(FORMS)('%s: the parts work in its NodeSDK', async (form) => {
    await using daemon = await startFakeDaemon();
    const end = await visit([`parts-app.${form}`], daemon);
    await daemon.received(1);
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(lines(daemon)).toContain('mixed segment 200 by app');
  });

  test.for(FORMS)('%s: the parts work in its provider', async (form) => {
    await using daemon = await startFakeDaemon();
    const end = await run([`provider.${form}`], {
      cwd: app.folder,
      program: app.node,
      env: { DAEMON_PORT: String(daemon.endpoint.port) },
    });
    await daemon.received(3);
    expect(end.stderr).toBe('');
    const [inner] = daemon.flat().filter(({ name }) => name === 'inner');
    expect(end.stdout).toBe(
      `Root=1-5f84c7a5-0123456789abcdef01234567;Parent=${inner?.id};Sampled=1\n`,
    );
    const traceIds = new Set(daemon.flat().map(({ trace_id: id }) => id));
    traceIds.delete('1-5f84c7a5-0123456789abcdef01234567');
    const [made] = [...traceIds];
    expect(made).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    const seconds = Number.parseInt(made?.slice(2, 10) ?? '', 16);
    expect(Math.abs(Date.now() / 1000 - seconds)).toBeLessThan(600);
  });
});
