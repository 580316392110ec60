import { type AttributeReader, names } from './attributes.ts';

/** Span kinds of the OpenTelemetry API. OTLP's "unspecified" is -1 here. */
export const KIND = { INTERNAL: 0, SERVER: 1, CLIENT: 2, PRODUCER: 3, CONSUMER: 4 } as const;

const NAMES = {
  newSystem: names('rpc.system.name'),
  oldSystem: names('rpc.system'),
  dbSystem: names('db.system.name', 'db.system'),
  messagingSystem: names('messaging.system'),
  knex: names('knex.version'),
  layer: names('aws.xray.layer'),
  service: names('aws.service', 'rpc.service'),
} as const;

const QUEUE_SYSTEMS: ReadonlySet<unknown> = new Set(['aws_sqs', 'AmazonSQS', 'aws.sqs']);

/** Properties of a span that several blocks use. */
export interface SpanTraits {
  readonly kind: number;
  readonly isServer: boolean;
  /** CLIENT or PRODUCER: the addresses of this span are those of the callee. */
  readonly isCaller: boolean;
  /** A call made by the AWS SDK (docs/spec/translation.md section 2.5). */
  readonly isAwsSdk: boolean;
  /** An AWS SDK call to SQS: its `url.full` is the queue. */
  readonly isQueueCall: boolean;
  readonly dbSystem: string | undefined;
}

export function spanTraits(reader: AttributeReader, kind: number): SpanTraits {
  const newSystem = reader.peek(NAMES.newSystem);
  const isAwsSdk =
    newSystem === 'aws-api' || newSystem === 'aws' || reader.peek(NAMES.oldSystem) === 'aws-api';
  const dbSystem = reader.peekText(NAMES.dbSystem);
  const isLayer = reader.peek(NAMES.layer) === true || isDatabaseLayer(reader, dbSystem);
  return {
    kind: isLayer ? KIND.INTERNAL : kind,
    isServer: kind === KIND.SERVER,
    isCaller: !isLayer && (kind === KIND.CLIENT || kind === KIND.PRODUCER),
    isAwsSdk,
    isQueueCall: isAwsSdk && QUEUE_SYSTEMS.has(reader.peek(NAMES.messagingSystem)),
    dbSystem: isLayer ? undefined : dbSystem,
  };
}

/**
 * Returns whether a span is from a library above a database driver that creates spans too (B-52).
 * Two remote subsegments for one query would count it twice in the trace map. The system `sqlite` is
 * the driver `sqlite3`, which creates no spans; that of knex for `better-sqlite3` has the same name.
 */
function isDatabaseLayer(reader: AttributeReader, dbSystem: string | undefined): boolean {
  return dbSystem === 'mongoose' || (reader.has(NAMES.knex) && dbSystem !== 'sqlite');
}
