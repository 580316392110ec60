/** Why a span or a document was dropped. */
export type DropReason =
  /** The queue was full when the span ended. */
  | 'queue-full'
  /** The span ended after `shutdown()`. */
  | 'shut-down'
  /** The translator returned no document. */
  | 'untranslatable'
  /** Still queued at shutdown, e.g. because the host name of the daemon could not be resolved. */
  | 'flush-timeout'
  /** The kernel rejected the datagram with an error that a retry does not fix. */
  | 'send-error'
  /** Held while the daemon was unavailable; above `holdBytes`, the oldest are dropped. */
  | 'hold-full'
  /** X-Ray did not accept the document; only with the transport `api`. */
  | 'rejected';

/** Counts of spans, documents and datagrams. Numbers only increase, unless noted. */
export interface ExporterCounters {
  /** Sampled spans accepted. */
  readonly spans: number;
  /**
   * Documents passed to the kernel, including nested ones. Decreases if the kernel later reports an
   * error for a datagram.
   */
  readonly sent: number;
  readonly datagrams: number;
  /** Payload of the datagrams, including frame headers. */
  readonly bytes: number;
  /** Documents sent inside their parent's document. */
  readonly nested: number;
  /** Documents sent separately because their parent's document was full. */
  readonly split: number;
  /** Documents that were truncated to fit into a datagram. */
  readonly cut: number;
  /** `in_progress` documents of spans that were still running. */
  readonly inProgress: number;
  /**
   * Datagrams of any sender that the kernel dropped because the receive buffer of the daemon was
   * full. Known only on Linux, with the daemon in the same network namespace, under load.
   */
  readonly receiverDrops: number;
  /** Spans, or their documents, that currently wait to be sent, including held documents. */
  readonly queued: number;
  /** Documents currently held because the daemon is unavailable or does not read. */
  readonly held: number;
  /** Dropped spans (documents for `send-error` and `hold-full`), by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Socket errors by code, e.g. `ECONNREFUSED`. One error may represent several datagrams. */
  readonly sendErrors: Readonly<Record<string, number>>;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The counters in their mutable form. */
export interface MutableCounters
  extends Writable<Omit<ExporterCounters, 'dropped' | 'sendErrors'>> {
  /** Spans waiting to be translated. */
  queued: number;
  /** Documents that are written and waiting to be sent. */
  written: number;
  readonly dropped: Record<DropReason, number>;
  readonly sendErrors: Record<string, number>;
}

export function newCounters(): MutableCounters {
  return {
    spans: 0,
    sent: 0,
    datagrams: 0,
    bytes: 0,
    nested: 0,
    split: 0,
    cut: 0,
    inProgress: 0,
    receiverDrops: 0,
    queued: 0,
    held: 0,
    written: 0,
    dropped: {
      'queue-full': 0,
      'shut-down': 0,
      untranslatable: 0,
      'flush-timeout': 0,
      'send-error': 0,
      'hold-full': 0,
      rejected: 0,
    },
    sendErrors: {},
  };
}

/** Returns an immutable copy. */
export function snapshot({ written, ...tally }: MutableCounters): ExporterCounters {
  return {
    ...tally,
    queued: tally.queued + written + tally.held,
    dropped: { ...tally.dropped },
    sendErrors: { ...tally.sendErrors },
  };
}

/** Returns the counters as one line for a log, without zeros. */
export function countersText(counters: ExporterCounters): string {
  const { dropped, sendErrors, ...plain } = counters;
  const named = (record: object, prefix = ''): string[] =>
    Object.entries(record).flatMap(([key, value]) =>
      value === 0 ? [] : `${prefix}${key} ${value}`,
    );
  return [...named(plain), ...named(dropped, 'dropped '), ...named(sendErrors, 'error ')].join(
    ', ',
  );
}
