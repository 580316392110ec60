import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';
import type { ExporterCounters } from '../../../src/exporter/counters.ts';
import { type FakeDaemon, startFakeDaemon } from '../../support/fake-daemon.ts';
import { freePort } from '../../support/free-port.ts';
import { hostNames } from '../../support/host-names.ts';
import type { Finished } from '../../support/run.ts';

const APP = resolve(import.meta.dirname, '../../support/name-app.ts');
const FLAG_APP = resolve(import.meta.dirname, '../../support/name-flag-app.mjs');
const NAME = 'xray-daemon';
/** A segment every 5 ms. */
const PER_SECOND = 200;

/** Two receivers on one port: at the first and at the second address of the name. */
async function twoDaemons(): Promise<readonly [FakeDaemon, FakeDaemon]> {
  const port = await freePort();
  const first = await startFakeDaemon({ port });
  return [first, await startFakeDaemon({ host: '127.0.0.2', port })];
}

const numbers = (...daemons: readonly FakeDaemon[]): number[] =>
  daemons.flatMap((daemon) => daemon.flat().map(({ name }) => Number(name.slice(2))));

/** What the program prints at its end. */
function counted({ stdout }: Finished): ExporterCounters & { readonly made: number } {
  return JSON.parse(stdout);
}

test.for([
  { how: 'exporter only', args: [APP] },
  { how: '--import flag', args: ['--import', join(root, 'dist/register.cjs'), FLAG_APP] },
])(
  'the daemon moves to another address and the old one is gone: nothing is lost ($how)',
  async ({ args }) => {
    using names = hostNames();
    const [first, second] = await twoDaemons();
    names.set(NAME, '127.0.0.1');
    const running = names.start(args, {
      AWS_XRAY_DAEMON_ADDRESS: `${NAME}:${first.endpoint.port}`,
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
    });
    await first.received(PER_SECOND);
    await first.close();
    names.set(NAME, '127.0.0.2');
    await second.received(PER_SECOND);
    const { made, sendErrors } = counted(await running.stop());
    await second.until((daemon) => numbers(daemon).includes(made - 1));
    // What the first daemon got last is sent again.
    expect([...new Set(numbers(first, second))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: made }, (_, index) => index),
    );
    expect(sendErrors['ECONNREFUSED']).toBeGreaterThan(0);
    await second.close();
  },
);

test('the name changes while the old daemon still listens: the next look-up moves over and nothing is lost', async () => {
  using names = hostNames();
  const [first, second] = await twoDaemons();
  names.set(NAME, '127.0.0.1');
  const running = names.start([APP], {
    AWS_XRAY_DAEMON_ADDRESS: `${NAME}:${first.endpoint.port}`,
    LOOK_UP_MS: '100',
  });
  await first.received(PER_SECOND);
  names.set(NAME, '127.0.0.2');
  await second.received(PER_SECOND);
  const { made, sent, dropped } = counted(await running.stop());
  await second.until((daemon) => numbers(daemon).includes(made - 1));
  expect(numbers(first, second).sort((a, b) => a - b)).toEqual(
    Array.from({ length: made }, (_, index) => index),
  );
  expect({ sent, lost: Object.values(dropped).reduce((a, b) => a + b) }).toEqual({
    sent: made,
    lost: 0,
  });
  await Promise.all([first.close(), second.close()]);
});
