import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';
import { callOfCase } from '../../support/aws-cases.ts';
import { startFakeDaemon } from '../../support/fake-daemon.ts';
import { run } from '../../support/run.ts';

const PROGRAM = join(import.meta.dirname, '../programs/aws-bodies.mjs');

const CUT = {
  type: 'ResponseAbortedError',
  message: 'The server closed the connection before the response was complete',
};

const CASES = [
  { name: 'small', fault: undefined, incomplete: undefined, exceptions: [] },
  { name: 'large', fault: undefined, incomplete: undefined, exceptions: [] },
  { name: 'cut by the server', fault: true, incomplete: true, exceptions: [CUT] },
  { name: 'closed by the app', fault: undefined, incomplete: true, exceptions: [] },
  { name: 'closed by an error of the app', fault: undefined, incomplete: true, exceptions: [] },
  { name: 'not read', fault: undefined, incomplete: true, exceptions: [] },
];

test('objects of S3: the subsegment shows what became of the body', async () => {
  await using daemon = await startFakeDaemon();
  const end = await run(['--import', join(root, 'dist/register.cjs'), PROGRAM], {
    cwd: root,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  expect(end).toMatchObject({ code: 0, stdout: 'cut by the server aborted\n', stderr: '' });
  await daemon.drained();
  const documents = daemon.flat();
  const shown = CASES.map(({ name }) => {
    const { call, exceptions } = callOfCase(documents, name);
    return {
      name,
      fault: call?.fault,
      incomplete: call?.metadata?.['default']?.['http.response.incomplete'],
      exceptions: exceptions.map(({ type, message }) => ({ type, message })),
    };
  });
  expect(shown).toEqual(CASES);
});
