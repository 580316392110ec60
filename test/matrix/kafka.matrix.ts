import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { traceText } from '../apps/trace-text.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { run } from '../support/run.ts';

/**
 * A folder in whose `node_modules` are kafkajs and `@confluentinc/kafka-javascript`, the latter with its native
 * part: its install script downloads that from GitHub or compiles it. `OTEL_XRAY_TEST_KAFKA_NODE` is
 * the Node it was built for. The configuration of the matrix includes this file only if the first variable is set.
 */
const FOLDER = process.env['OTEL_XRAY_TEST_KAFKA'] ?? '';
const NODE = process.env['OTEL_XRAY_TEST_KAFKA_NODE'] ?? process.execPath;
const ROOT = join(import.meta.dirname, '../..');
const GOLDEN = join(import.meta.dirname, 'golden/libraries/confluent-kafka.txt');

/** The trees of a trace, in the order of their texts: brokers hand out messages in any order. */
function sortedTrees(text: string): string {
  return text
    .split(/\n(?! )/)
    .sort()
    .join('\n');
}

describe('with the mock broker of librdkafka', () => {
  const program = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    run([...args, 'confluent-kafka.mjs'], {
      cwd: join(ROOT, 'test/libraries/programs'),
      program: NODE,
      env: { ...env, FOLDER_kafka: FOLDER },
    });

  test('what is sent and handled is traced, and the program behaves as without otel-xray', async () => {
    const without = await program([], {});
    await using daemon = await startFakeDaemon();
    const end = await program(['--import', join(ROOT, 'dist/register.cjs')], {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_SAMPLER: 'always_on',
    });
    await daemon.drained();
    expect([end.code, end.stdout]).toEqual([0, without.stdout]);
    await expect(`${sortedTrees(traceText(daemon.flat()))}\n`).toMatchFileSnapshot(GOLDEN);
  });
});
