import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';
import { callOfCase } from '../../support/aws-cases.ts';
import { startFakeDaemon } from '../../support/fake-daemon.ts';
import { run } from '../../support/run.ts';

const PROGRAM = join(import.meta.dirname, '../programs/aws-event-streams.mjs');

const NONE = { fault: undefined, function_error: undefined, incomplete: undefined, exceptions: [] };
const CASES = [
  { name: 'complete', ...NONE },
  {
    name: 'failed function',
    fault: true,
    function_error: 'Unhandled',
    incomplete: undefined,
    exceptions: [{ type: 'SoldOut', message: 'no kettles', remote: true }],
  },
  {
    name: 'function that ended its process',
    fault: true,
    function_error: 'Runtime.ExitError',
    incomplete: undefined,
    exceptions: [{ type: 'Runtime.ExitError', message: 'exit status 3', remote: true }],
  },
  { name: 'left early', ...NONE, incomplete: true },
  {
    name: 'cut by the server',
    fault: true,
    function_error: undefined,
    incomplete: true,
    exceptions: [
      {
        type: 'ResponseAbortedError',
        message: 'The server closed the connection before the response was complete',
        remote: true,
      },
    ],
  },
];

test('streamed responses of Lambda functions: the subsegment shows how they ended', async () => {
  await using daemon = await startFakeDaemon();
  const [traced, untraced] = await Promise.all(
    [['--import', join(root, 'dist/register.cjs')], []].map((args) =>
      run([...args, PROGRAM], {
        cwd: root,
        env: {
          AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
          OTEL_SERVICE_NAME: 'shop',
          OTEL_TRACES_SAMPLER: 'always_on',
        },
      }),
    ),
  );
  expect(untraced).toMatchObject({ code: 0, stderr: '' });
  expect(traced).toEqual(untraced);
  await daemon.drained();
  const documents = daemon.flat();
  const shown = CASES.map(({ name }) => {
    const { call, exceptions } = callOfCase(documents, name);
    return {
      name,
      fault: call?.fault,
      function_error: call?.aws?.['function_error'],
      incomplete: call?.metadata?.['default']?.['http.response.incomplete'],
      exceptions: exceptions.map(({ type, message, remote }) => ({ type, message, remote })),
    };
  });
  expect(shown).toEqual(CASES);
});
