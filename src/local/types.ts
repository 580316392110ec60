import type { Endpoint } from '../daemon-address.ts';
import type { Counts } from './ingest.ts';
import type { Problem } from './problems.ts';
import type { LocalTrace } from './trace-view.ts';

/** Options of a local X-Ray; every option has a default. */
export interface LocalXRayOptions {
  /** UDP and TCP; 0 takes a free one. Default 2000. */
  readonly port?: number | undefined;
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Path of an SQLite file for the traces. Default: in memory. */
  readonly store?: string | undefined;
  /** Maximum number of traces; the oldest are deleted first. Default 50,000. */
  readonly keep?: number | undefined;
  /** Bytes of documents kept. Default 256 MiB in memory, 4 GiB in a file. */
  readonly keepBytes?: number | undefined;
  /** Rate of the sampling rule `Default`. Default 1: every request is shown; X-Ray's own is 0.05. */
  readonly defaultRate?: number | undefined;
  /** Sampling rules: what a file of `aws xray get-sampling-rules` holds. */
  readonly rules?: unknown;
  /** Maximum number of custom sampling rules. Default 25. */
  readonly maxRules?: number | undefined;
  /** Returns a quota from the second report on, as X-Ray may. Default false. */
  readonly lateQuota?: boolean | undefined;
  /** For ARNs. Default `AWS_REGION`, else `us-east-1`; and `000000000000`. */
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  /** Refuses documents whose trace id has a time too far in the past or future. Default false. */
  readonly strictAge?: boolean | undefined;
  /** Refuses documents of traces above 500 KB instead of marking the trace. Default false. */
  readonly strictSize?: boolean | undefined;
  /** Also forwards every message to this daemon. */
  readonly forward?: Endpoint | undefined;
  /** Also sends every trace to this OTLP/HTTP endpoint, e.g. `http://127.0.0.1:4318`. */
  readonly otlp?: string | undefined;
  /** Writes every message to this file; {@link LocalXRay.replay} reads it. */
  readonly record?: string | undefined;
  /** Folder of the web page's files. */
  readonly pageDirectory?: string | undefined;
  /** Log files whose lines the page shows. Default: the files in `OTEL_XRAY_LOG_GROUP`. */
  readonly logFiles?: readonly string[] | undefined;
  /** Accepted `Host` names besides `localhost` and IP addresses. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Milliseconds without a document after which a complete trace is announced. Default 300. */
  readonly quietMs?: number | undefined;
  /** The same for a trace with something in progress or missing. Default 3000. */
  readonly partialMs?: number | undefined;
}

export interface LocalXRayEvents {
  /** No more documents of a trace arrived for the quiet period. Emitted again after a later change. */
  readonly trace: LocalTrace;
  /** Documents of these traces were stored. */
  readonly change: { readonly traceIds: readonly string[] };
  readonly problem: Problem;
  /** A message for the user: a file or an address cannot be used. */
  readonly notice: { readonly message: string };
}

export interface ReplayProgress {
  readonly messages: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** X-Ray on this machine: the daemon's socket, the service's API, and the received traces. */
export interface LocalXRay {
  readonly host: string;
  readonly port: number;
  /** Of the API and the page, e.g. `http://127.0.0.1:2000`. */
  readonly url: string;
  /** For `AWS_XRAY_DAEMON_ADDRESS`, e.g. `127.0.0.1:2000`. */
  readonly daemonAddress: string;
  /**
   * Returns every trace, or those that match a filter expression, in order of arrival.
   *
   * @throws {FilterError} when X-Ray would refuse the expression
   */
  traces(filter?: string): readonly LocalTrace[];
  trace(id: string): LocalTrace | undefined;
  /**
   * Waits for a trace that matches a filter expression or a function. Stored traces count.
   *
   * @throws {Error} after `timeoutMs` (default 5000); the message says what has arrived
   */
  waitFor(
    matches: string | ((trace: LocalTrace) => boolean),
    options?: { readonly timeoutMs?: number | undefined },
  ): Promise<LocalTrace>;
  /** Newest first. */
  problems(): readonly Problem[];
  counts(): Counts;
  /** @returns a function that removes the listener */
  on<Name extends keyof LocalXRayEvents>(
    event: Name,
    listener: (value: LocalXRayEvents[Name]) => void,
  ): () => void;
  /**
   * Returns a function that tells whether a trace matches a filter expression.
   *
   * @throws {FilterError} when X-Ray would refuse the expression
   */
  matcher(filter: string): (trace: { readonly id: string }) => boolean;
  /**
   * Ingests the messages of a recorded file.
   *
   * @returns how many
   * @throws {Error} when a line is not part of a recording, or the file cannot be read
   */
  replay(file: string, onProgress?: (progress: ReplayProgress) => void): Promise<number>;
  /**
   * Ingests the segment documents of a file: an export of the page, what
   * `aws xray batch-get-traces` prints, or plain documents.
   *
   * @returns how many
   * @throws {Error} when the file cannot be read or holds no segment documents
   */
  open(file: string): Promise<number>;
  /** Emits traces that are still pending, then closes sockets and store. May be called repeatedly. */
  close(): Promise<void>;
}
