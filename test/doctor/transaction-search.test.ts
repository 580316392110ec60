import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { transactionSearch } from '../../src/doctor/checks/transaction-search.ts';
import type { DestinationFacts, Facts } from '../../src/doctor/facts.ts';
import { readDestination } from '../../src/doctor/gather/destination.ts';
import { startWithClient } from '../support/local-xray.ts';

const open: Server[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of open.splice(0)) server.close();
});

const ON = { Destination: 'CloudWatchLogs', Status: 'ACTIVE' };
const INDEXED = {
  IndexingRules: [{ Name: 'Default', Rule: { Probabilistic: { DesiredSamplingPercentage: 1 } } }],
};

/** Answers by path, as X-Ray or as a daemon; other paths get 403. */
async function answering(answers: Readonly<Record<string, object>>) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    paths.push(path);
    const answer = answers[path];
    response.statusCode = answer === undefined ? 403 : 200;
    request.resume().on('end', () => response.end(JSON.stringify(answer ?? {})));
  }).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: { host: '127.0.0.1', port }, paths };
}

const ACTIVE = { isPending: false, indexedPercent: undefined };

test.for([
  {
    name: 'Transaction Search',
    answers: { '/GetTraceSegmentDestination': ON, '/GetIndexingRules': INDEXED },
    expected: { ...ACTIVE, destination: 'CloudWatchLogs', indexedPercent: 1 },
  },
  {
    name: 'Transaction Search, without the permission to read the indexing rules',
    answers: { '/GetTraceSegmentDestination': ON },
    expected: { ...ACTIVE, destination: 'CloudWatchLogs' },
  },
  {
    name: 'X-Ray, being switched',
    answers: { '/GetTraceSegmentDestination': { Destination: 'XRay', Status: 'PENDING' } },
    expected: { destination: 'XRay', isPending: true, indexedPercent: undefined },
  },
  { name: 'no permission', answers: {}, expected: undefined },
])('the destination is read through the daemon: $name', async ({ answers, expected }) => {
  const { endpoint } = await answering(answers);
  expect(await readDestination(endpoint, tmpdir())).toEqual(expected);
});

test('without a daemon, the destination is read with the AWS client', async () => {
  const { endpoint, paths } = await answering({
    '/GetTraceSegmentDestination': ON,
    '/GetIndexingRules': INDEXED,
  });
  vi.stubEnv('AWS_ENDPOINT_URL_XRAY', `http://127.0.0.1:${endpoint.port}`);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'any');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any');
  expect(await readDestination(undefined, root)).toEqual({
    ...ACTIVE,
    destination: 'CloudWatchLogs',
    indexedPercent: 1,
  });
  expect(paths).toEqual(['/GetTraceSegmentDestination', '/GetIndexingRules']);
});

test('the local X-Ray has no Transaction Search', async () => {
  await using local = await startWithClient();
  const { port } = new URL(local.xray.url);
  const endpoint = { host: '127.0.0.1', port: Number(port) };
  expect(await readDestination(endpoint, tmpdir())).toEqual({ ...ACTIVE, destination: 'XRay' });
});

const SENT =
  '; sampling rules decide what is sent: set their rate to 100%, or OTEL_TRACES_SAMPLER=parentbased_always_on, to store every span';
const WHERE = '. Search in CloudWatch, Transaction Search';

test.for<{
  readonly facts: DestinationFacts | undefined;
  readonly sampler?: string;
  readonly message: string | undefined;
}>([
  { facts: undefined, message: undefined },
  {
    facts: { ...ACTIVE, destination: 'XRay' },
    message: 'off: X-Ray indexes every trace that it receives',
  },
  {
    facts: { ...ACTIVE, destination: 'XRay', isPending: true },
    message: 'the account is being switched from Transaction Search to X-Ray',
  },
  {
    facts: { ...ACTIVE, destination: 'CloudWatchLogs', indexedPercent: 1 },
    message: `on: all spans are stored in the log group aws/spans, and 1% of the traces are indexed as trace summaries${SENT}${WHERE}`,
  },
  {
    facts: { ...ACTIVE, destination: 'CloudWatchLogs', isPending: true },
    sampler: 'parentbased_always_on',
    message: `being switched on: all spans are stored in the log group aws/spans, and some of the traces are indexed as trace summaries${WHERE}`,
  },
])('$message', ({ facts, sampler, message }) => {
  const given = { network: { destination: facts }, config: { sampler } } as unknown as Facts;
  const findings = [transactionSearch.find(given)].flat();
  expect(findings.map(({ level, message: text }) => `${level}: ${text}`)).toEqual(
    message === undefined ? [] : [`info: ${message}`],
  );
});
