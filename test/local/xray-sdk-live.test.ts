import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { startXRay } from '../../src/testing.ts';
import { awsClient, PATIENT } from '../support/local-xray.ts';
import { start } from '../support/run.ts';

const PROGRAM = `
const { Segment, enableManualMode } = require('aws-xray-sdk-core');
enableManualMode();
const segment = new Segment('legacy-shop');
segment.addAnnotation('customer', 'c-1');
const work = segment.addNewSubsegment('work');
work.close(new TypeError('no stock'));
segment.close();
console.log(segment.trace_id);
// The SDK sends without keeping the process alive.
setInterval(() => {}, 1_000);
`;

test('the X-Ray SDK for Node sends its traces to the local X-Ray', async () => {
  const xray = await startXRay();
  const running = start(['-e', PROGRAM], {
    cwd: root,
    env: { AWS_XRAY_DAEMON_ADDRESS: xray.daemonAddress, AWS_XRAY_LOG_LEVEL: 'silent' },
  });
  const [id] = await running.line(/^1-[0-9a-f-]+$/);
  await xray.waitFor((trace) => trace.id === id, PATIENT);
  await running.stop();
  const { Traces = [] } = await awsClient(xray.url).batchGetTraces({ TraceIds: [id] });
  await xray.close();

  const documents = Traces.flatMap(({ Segments = [] }) =>
    Segments.map(({ Document = '{}' }) => JSON.parse(Document)),
  );
  expect(documents).toMatchObject([
    {
      name: 'legacy-shop',
      trace_id: id,
      annotations: { customer: 'c-1' },
      subsegments: [
        {
          name: 'work',
          fault: true,
          cause: { exceptions: [{ type: 'TypeError', message: 'no stock' }] },
        },
      ],
    },
  ]);
});
