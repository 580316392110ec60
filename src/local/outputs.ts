import { createSocket } from 'node:dgram';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FRAME_HEADER } from '../exporter/encode/frame.ts';
import { readLines } from '../read-lines.ts';
import type { Ingester } from './ingest.ts';
import { asNumber, asObject, asText, parseJson } from './json.ts';
import { traceRequestOf } from './otlp/spans-of-trace.ts';
import type { Trace } from './trace/assemble.ts';
import type { LocalXRayOptions, ReplayProgress } from './types.ts';

/** Reports a problem of an output, once per output. */
export type Notify = (message: string) => void;

export interface Output<Input> {
  send(input: Input): void;
  close(): Promise<void>;
}

/** Returns a document as a datagram for a daemon. */
export function datagramOf(text: string): Buffer {
  return Buffer.from(FRAME_HEADER + text);
}

/** Forwards every message unchanged to a daemon. Errors are reported once and affect nothing else. */
export function forwardOutput(
  { host, port }: { readonly host: string; readonly port: number },
  notify: Notify,
): Output<Buffer> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.unref();
  let failed = false;
  const fail = (error: Error): void => {
    if (!failed) notify(`--forward ${host}:${port}: ${error.message}`);
    failed = true;
  };
  socket.on('error', fail);
  return {
    send: (datagram) => {
      socket.send(datagram, port, host, (error) => {
        if (error) fail(error);
      });
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** Maximum bytes that wait for a slow disk. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Writes every message to a file, one JSON line each; {@link replay} reads it. */
export function recordOutput(file: string, notify: Notify, nowMs: () => number): Output<Buffer> {
  const stream = createWriteStream(file, { flags: 'a' });
  let failed = false;
  const fail = (reason: string): void => {
    if (!failed) notify(`--record ${file}: ${reason}`);
    failed = true;
  };
  stream.on('error', (error) => fail(error.message));
  return {
    send: (datagram) => {
      if (failed) return;
      if (stream.writableLength > MAX_WAITING_BYTES)
        fail('the disk is too slow; recording stopped');
      else stream.write(`${recordLine(datagram, nowMs())}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        if (stream.errored) resolve();
        else stream.end(() => resolve());
      }),
  };
}

function recordLine(datagram: Buffer, at: number): string {
  const text = datagram.toString('utf8');
  const isText = Buffer.from(text).equals(datagram);
  return JSON.stringify(isText ? { at, text } : { at, base64: datagram.toString('base64') });
}

/**
 * Reads a recording.
 *
 * @param onRead called with the bytes of the file read so far
 * @throws {Error} when a line is not part of a recording; the message has its number
 */
export async function* replay(
  file: string,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<Buffer, void, undefined> {
  let number = 0;
  const stream = createReadStream(file);
  for await (const line of readLines(stream)) {
    onRead(stream.bytesRead);
    number += 1;
    if (line.trim() === '') continue;
    const entry = asObject(parseJson(line));
    const [text, base64] = [asText(entry?.['text']), asText(entry?.['base64'])];
    if (asNumber(entry?.['at']) === undefined || (text === undefined && base64 === undefined)) {
      throw new Error(`--replay ${file}: line ${number} is not part of a recording`);
    }
    yield text === undefined ? Buffer.from(base64 as string, 'base64') : Buffer.from(text);
  }
}

/** Traces whose sent spans are remembered, so that later documents do not repeat them. */
const REMEMBERED_TRACES = 1_000;
const MAX_PENDING = 100;
const OTLP_TIMEOUT_MS = 10_000;

/** Sends traces to a viewer by OTLP/HTTP with JSON, after their quiet period. */
export function otlpOutput(url: string, notify: Notify): Output<Trace> {
  const target = otlpUrl(url);
  const sent = new Map<string, Set<string>>();
  const pending = new Set<Promise<void>>();
  let said = false;
  const fail = (reason: string): void => {
    if (!said) notify(`--otlp ${target}: ${reason}`);
    said = true;
  };
  return {
    send: (trace) => {
      if (pending.size >= MAX_PENDING) {
        fail('the receiver is too slow; traces are skipped');
        return;
      }
      const known = sent.get(trace.id) ?? new Set();
      sent.delete(trace.id);
      sent.set(trace.id, known);
      if (sent.size > REMEMBERED_TRACES) sent.delete(sent.keys().next().value as string);
      const found = traceRequestOf(trace, ({ id }) => !known.has(id));
      if (found === undefined) return;
      for (const id of found.ids) known.add(id);
      const posted = post(target, found.request)
        .then((problem) => problem && fail(problem))
        .catch((error: Error) => fail((error.cause as Error | undefined)?.message ?? error.message))
        .then(() => void pending.delete(posted));
      pending.add(posted);
    },
    close: async () => {
      await Promise.all(pending);
    },
  };
}

/** Completes `http://host:4318` as OTLP's exporters do. */
export function otlpUrl(text: string): string {
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`--otlp ${text}: expected an http or https URL`);
  }
  if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1/traces';
  return url.href;
}

async function post(url: string, body: object): Promise<string | undefined> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(OTLP_TIMEOUT_MS),
  });
  await response.arrayBuffer();
  return response.ok ? undefined : `answered ${response.status}`;
}

export interface Outputs {
  /** Receive every message. */
  readonly messages: readonly Output<Buffer>[];
  /** Those that also receive replayed messages. */
  readonly forwards: readonly Output<Buffer>[];
  /** Receive traces after their quiet period. */
  readonly traces: readonly Output<Trace>[];
  close(): Promise<void>;
}

/** Opens the outputs of the options. */
export function openOutputs({ forward, record, otlp }: LocalXRayOptions, notify: Notify): Outputs {
  const traces = otlp === undefined ? [] : [otlpOutput(otlp, notify)];
  const forwards = forward === undefined ? [] : [forwardOutput(forward, notify)];
  const records = record === undefined ? [] : [recordOutput(record, notify, Date.now)];
  const messages = [...forwards, ...records];
  return {
    messages,
    forwards,
    traces,
    close: async () => {
      await Promise.all([...messages, ...traces].map((output) => output.close()));
    },
  };
}

/** Messages of a recording that are ingested before yielding to the event loop. */
const REPLAY_BATCH = 500;

/**
 * Ingests the messages of a recorded file, and forwards them.
 *
 * @returns how many
 * @throws {Error} when a line is not part of a recording, or the file cannot be read
 */
export async function replayInto(
  ingester: Ingester,
  forwards: readonly Output<Buffer>[],
  file: string,
  onProgress?: (progress: ReplayProgress) => void,
): Promise<number> {
  let count = 0;
  let bytes = 0;
  const { size: totalBytes } = await stat(file);
  const onRead = (read: number): void => {
    bytes = read;
  };
  for await (const datagram of replay(file, onRead)) {
    ingester.datagram(datagram, 'replay');
    for (const output of forwards) output.send(datagram);
    count += 1;
    if (count % REPLAY_BATCH !== 0) continue;
    onProgress?.({ messages: count, bytes, totalBytes });
    await new Promise(setImmediate);
  }
  ingester.flush();
  return count;
}
