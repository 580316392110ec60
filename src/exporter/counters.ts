/** Why a span or a document was dropped. */
export type DropReason =
  /** The queue was full when the span ended. */
  | 'queue-full'
  /** The span ended after `shutdown()`. */
  | 'shut-down'
  /** The translator returned no document. */
  | 'untranslatable'
  /** Still queued when the end came, e.g. because the daemon's name could not be resolved. */
  | 'flush-timeout'
  /** The kernel refused the datagram for a reason that sending it again does not change. */
  | 'send-error'
  /** Held while the daemon was away, and the oldest beyond the limit in bytes. */
  | 'hold-full'
  /** X-Ray did not accept the document; only with the transport `api`. */
  | 'rejected';

/** What has happened to the spans so far. Every number only increases, unless noted. */
export interface ExporterCounters {
  /** Sampled spans accepted. */
  readonly spans: number;
  /**
   * Documents handed to the kernel, those inside other documents included. A datagram that the
   * kernel gives back with an error is taken off again.
   */
  readonly sent: number;
  readonly datagrams: number;
  /** Payload of the datagrams, including frame headers. */
  readonly bytes: number;
  /** Documents sent inside their parent's document. */
  readonly nested: number;
  /** Documents sent alone because their parent's document was full. */
  readonly split: number;
  /** Documents that were truncated to fit into a datagram. */
  readonly cut: number;
  /** `in_progress` documents of spans that were still running. */
  readonly inProgress: number;
  /**
   * Datagrams of any sender that the receiver's full socket threw away, where the kernel tells:
   * on Linux, with the daemon in the same network namespace, while much is sent.
   */
  readonly receiverDrops: number;
  /** Spans, or the documents of them, waiting now, those that are held included. */
  readonly queued: number;
  /** Documents held now, because the daemon is away or reads nothing. */
  readonly held: number;
  /** Spans (or documents, for `send-error` and `hold-full`) given up, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Errors of the socket by code, e.g. `ECONNREFUSED`; one may stand for several datagrams. */
  readonly sendErrors: Readonly<Record<string, number>>;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The counters as they are counted. */
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
