import { expect, test } from 'vitest';
import { XRayExporter } from '../../../src/exporter/index.ts';
import { plainDocuments } from '../../support/documents.ts';
import { fakeNetwork } from '../../support/fake-socket.ts';
import { span } from '../../support/span.ts';

/** Spans without parents among them. */
function spans(count: number) {
  return Array.from({ length: count }, (_, index) =>
    span({
      id: (index + 1).toString(16).padStart(16, '0'),
      attributes: { padding: 'x'.repeat(100) },
    }),
  );
}

/** An exporter over a fake network, with a clock that only `sleep` advances. */
function overFakeClock(bytesPerMs: number) {
  const clock = { ms: 0, sleptMs: 0 };
  const network = fakeNetwork();
  const exporter = new XRayExporter({
    bytesPerMs,
    nesting: false,
    translate: plainDocuments,
    deps: {
      createSocket: network.createSocket,
      openProc: () => {
        throw new Error();
      },
      now: () => clock.ms,
      sleep: (ms) => {
        clock.ms += ms;
        clock.sleptMs += ms;
      },
    },
  });
  const bytes = () => network.sent.reduce((sum, { length }) => sum + length, 0);
  return { clock, network, exporter, bytes };
}

test('export() respects the rate limit and calls back when everything is sent', async () => {
  const { clock, exporter, bytes } = overFakeClock(8_192);
  const results: number[] = [];
  exporter.export(spans(512), ({ code }) => results.push(code));
  for (const turns of [1, 2, 3]) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((next) => setTimeout(next, 1));
    // A burst of two milliseconds, then what the clock allows.
    expect(bytes()).toBeLessThanOrEqual(8_192 * (turns + 1));
    expect(results).toEqual([]);
    clock.ms += 1;
  }
  expect(bytes()).toBeGreaterThan(8_192);
  const flushed = exporter.shutdown();
  for (let turn = 0; turn < 500 && results.length === 0; turn += 1) {
    clock.ms += 10;
    await new Promise((next) => setTimeout(next, 1));
  }
  await flushed;
  expect(results).toEqual([0]);
  expect(exporter.counters()).toMatchObject({ sent: 512, queued: 0 });
});

test.for([
  {
    rule: 'as long as the rate limit requires',
    deadlineMs: 10_000,
    least: 20,
    most: 200,
  },
  {
    rule: 'no longer than the deadline, then sends the rest at once',
    deadlineMs: 5,
    least: 4,
    most: 5,
  },
])('flushSync() blocks $rule', async ({ deadlineMs, least, most }) => {
  const { clock, exporter, network } = overFakeClock(1_024);
  exporter.enqueue(spans(101));
  exporter.flushSync(deadlineMs);
  expect(network.sent).toHaveLength(101);
  expect(clock.sleptMs).toBeGreaterThanOrEqual(least);
  expect(clock.sleptMs).toBeLessThanOrEqual(most);
  await exporter.shutdown();
});
