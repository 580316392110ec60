import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { StoreError } from '../../src/local/store/open.ts';
import { Store } from '../../src/local/store/store.ts';
import { startXRay } from '../../src/testing.ts';
import { entityId, traceId } from '../support/local-xray.ts';

const KEEP = { traces: 1_000, bytes: 1e9 };

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'otel-xray-store-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function refusal(file: string): StoreError {
  try {
    new Store(file, KEEP).close();
  } catch (error) {
    return error as StoreError;
  }
  throw new Error('not refused');
}

function document(number: number, more: object = {}) {
  const record = {
    trace_id: traceId(number),
    id: entityId(number),
    name: 'a',
    start_time: 1,
    end_time: 2,
    ...more,
  };
  return {
    traceId: record.trace_id,
    id: record.id,
    record,
    body: JSON.stringify(record),
    via: 'api' as const,
  };
}

test.for([
  { rule: 'a text file', make: (file: string) => writeFileSync(file, 'my notes, not to be lost') },
  {
    rule: 'a database of another program',
    make: (file: string) => {
      const db = new DatabaseSync(file);
      db.exec('CREATE TABLE notes (text); INSERT INTO notes VALUES (1)');
      db.close();
    },
  },
  {
    rule: 'a store of another version',
    make: (file: string) => {
      new Store(file, KEEP).close();
      const db = new DatabaseSync(file);
      db.exec('PRAGMA user_version = 99');
      db.close();
    },
  },
  {
    rule: 'a store that is cut off',
    make: (file: string) => {
      const store = new Store(file, KEEP);
      store.put(
        Array.from({ length: 200 }, (_, index) =>
          document(index, { metadata: { d: { t: 'x'.repeat(500) } } }),
        ),
        1,
      );
      store.close();
      writeFileSync(file, readFileSync(file).subarray(0, 30_000));
    },
  },
  {
    rule: 'a store with garbage in the middle',
    make: (file: string) => {
      const store = new Store(file, KEEP);
      store.put(
        Array.from({ length: 200 }, (_, index) =>
          document(index, { metadata: { d: { t: 'x'.repeat(500) } } }),
        ),
        1,
      );
      store.close();
      const bytes = readFileSync(file);
      bytes.fill(0xab, 4_096, 16_384);
      writeFileSync(file, bytes);
    },
  },
])('not changed, with the reason: $rule', ({ make }) => {
  const file = join(folder(), 'store.db');
  make(file);
  const before = readFileSync(file);
  const error = refusal(file);
  expect(error).toBeInstanceOf(StoreError);
  expect(error.message).toContain(file);
  expect(error.message).toContain('The file was not changed');
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a store that another process has open is reported as in use', async () => {
  const file = join(folder(), 'store.db');
  const store = new Store(file, KEEP);
  onTestFinished(() => store.close());
  expect(refusal(file).message).toBe(
    `${file} is in use by another process, perhaps another otel-xray dev. The file was not changed.`,
  );
});

test('an error names a file whose folder does not exist', () => {
  const file = join(folder(), 'none', 'store.db');
  expect(refusal(file).message).toBe(`${file} cannot be opened: does its folder exist?`);
});

test('an empty file becomes a store', () => {
  const file = join(folder(), 'store.db');
  writeFileSync(file, '');
  const store = new Store(file, KEEP);
  store.put([document(1)], 1);
  store.close();
  const again = new Store(file, KEEP);
  expect(again.trace(traceId(1))?.documents).toHaveLength(1);
  expect(again.behind).toBe(1);
  again.close();
});

test('a document in progress does not replace a complete one; a repeated one changes nothing', () => {
  const store = new Store(':memory:', KEEP);
  const open = document(1, { end_time: undefined, in_progress: true });
  expect(store.put([open], 1)).toEqual([traceId(1)]);
  expect(store.put([document(1)], 2)).toEqual([traceId(1)]);
  expect(store.put([open], 3)).toEqual([]);
  expect(store.put([document(1)], 4)).toEqual([]);
  expect(store.trace(traceId(1))).toMatchObject({
    revision: 2,
    arrived: 1,
    changed: 2,
    documents: [{ body: document(1).body }],
  });
  expect(store.size).toEqual({
    traces: 1,
    documents: 1,
    bytes: Buffer.byteLength(document(1).body),
  });
  store.close();
});

test('the store also keeps its limit in bytes', () => {
  const store = new Store(':memory:', { traces: 1_000, bytes: 10_000 });
  for (let i = 0; i < 100; i++)
    store.put([document(i, { metadata: { d: { t: 'x'.repeat(900) } } })], i);
  expect(store.size.bytes).toBeLessThanOrEqual(10_000);
  expect(store.traceIds().at(-1)).toBe(traceId(99));
  store.close();
});

const SERVER = `
import { startLocalXRay } from ${JSON.stringify(resolve('src/local/index.ts'))};
const xray = await startLocalXRay({ port: 0, store: process.argv[1] });
console.log(xray.port);
process.stdin.resume();
process.stdin.on('end', () => process.exit());
`;

test('kill -9 under load: every acknowledged document survives', async () => {
  const file = join(folder(), 'store.db');
  const server = spawn(process.execPath, ['--input-type=module', '-e', SERVER, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  const acknowledged: string[] = [];
  let sent = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const ids = Array.from({ length: 10 }, () => ++sent);
      try {
        const response = await fetch(`http://127.0.0.1:${line}/TraceSegments`, {
          method: 'POST',
          body: JSON.stringify({ TraceSegmentDocuments: ids.map((id) => document(id).body) }),
        });
        await response.json();
      } catch {
        return;
      }
      acknowledged.push(...ids.map(traceId));
      if (acknowledged.length > 1_000) server.kill('SIGKILL');
    }
  };
  await Promise.all([client(), client(), client(), client()]);
  await (server.exitCode === null && server.signalCode === null ? once(server, 'exit') : undefined);
  expect(server.signalCode).toBe('SIGKILL');
  const xray = await startXRay({ store: file });
  onTestFinished(() => xray.close());
  const there = new Set(xray.traces().map(({ id }) => id));
  expect(acknowledged.length).toBeGreaterThan(1_000);
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
});
