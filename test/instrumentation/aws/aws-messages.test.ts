import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';
import type { SegmentDocument } from '../../../src/translator/document.ts';
import { startFakeDaemon } from '../../support/fake-daemon.ts';
import { startMoto } from '../../support/moto.ts';
import { hasPython } from '../../support/python.ts';
import { run } from '../../support/run.ts';
import { schemaCheck } from '../../support/schema.ts';

const PROGRAM = join(import.meta.dirname, '../programs/aws-messages.mjs');

/** The calls of the trace that a case made. */
function callsOf(documents: readonly SegmentDocument[], name: string): readonly SegmentDocument[] {
  const found = documents.find(({ metadata }) => metadata?.['default']?.['case'] === name);
  return found?.subsegments ?? [];
}

test.runIf(hasPython())('receivers outside a trace link to every sender', async () => {
  await using moto = await startMoto();
  await using daemon = await startFakeDaemon();
  const { code, stdout, stderr } = await run(
    ['--import', join(root, 'dist/register.cjs'), PROGRAM],
    {
      cwd: root,
      env: {
        AWS_ENDPOINT_URL: moto.url,
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        OTEL_TRACES_SAMPLER: 'always_on',
        OTEL_SERVICE_NAME: 'shop',
      },
    },
  );
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: '{"counts":[0,3,1,0],"active":null}\n',
    stderr: '',
  });
  // Four traces that the program started, and two of receivers.
  const segments = (): readonly SegmentDocument[] =>
    daemon.documents().filter(({ parent_id }) => parent_id === undefined);
  await daemon.until(() => segments().length === 6);
  const documents = segments();
  const ids = (name: string): unknown =>
    callsOf(documents, name).map(({ id }) => ({ id, trace_id: traceOf(name) }));
  const traceOf = (name: string): string | undefined =>
    documents.find(({ metadata }) => metadata?.['default']?.['case'] === name)?.trace_id;
  const receivers = documents
    .filter(({ metadata }) => metadata?.['default']?.['case'] === undefined)
    .map(({ name, subsegments: [call] = [] }) => ({
      name,
      call: [call?.name, call?.namespace, call?.aws?.operation, call?.aws?.queue_url],
      links: call?.links?.map(({ id, trace_id }) => ({ id, trace_id })),
    }));
  const queue = `${moto.url}/123456789012/orders`;
  const receiver = { name: 'shop', call: ['SQS', 'aws', 'ReceiveMessage', queue] };
  expect(receivers).toEqual([
    { ...receiver, links: [ids('send'), ids('batch')].flat() },
    { ...receiver, links: ids('publish') },
  ]);
  const check = schemaCheck();
  expect(documents.flatMap(check)).toEqual([]);
});
