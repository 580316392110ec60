import type { AwsResourceType } from '../aws-resource-types.ts';

/**
 * The X-Ray segment document as it goes over the wire: the types, and beside them the table of their
 * fields that the byte writer of the exporter is built from.
 *
 * Field names are X-Ray's own. Times are epoch seconds with at most six decimals.
 * An absent field is `undefined` or missing; there are no `null`s and no empty objects.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */

/** A segment (no `type`) or an independently sent subsegment (`type: 'subsegment'`, with `parent_id`). */
export interface SegmentDocument {
  readonly name: string;
  readonly id: string;
  /** Absent only on a subsegment nested in another document. */
  readonly trace_id?: string | undefined;
  readonly parent_id?: string | undefined;
  readonly type?: 'subsegment' | undefined;
  readonly namespace?: 'aws' | 'remote' | undefined;
  readonly start_time: number;
  readonly end_time?: number | undefined;
  readonly in_progress?: true | undefined;
  readonly error?: true | undefined;
  readonly fault?: true | undefined;
  readonly throttle?: true | undefined;
  readonly traced?: true | undefined;
  readonly http?: HttpBlock | undefined;
  readonly aws?: AwsBlock | undefined;
  readonly sql?: SqlBlock | undefined;
  /** The string form is the id of an exception in another document of the trace. */
  readonly cause?: CauseBlock | string | undefined;
  readonly user?: string | undefined;
  readonly origin?: Origin | undefined;
  readonly resource_arn?: string | undefined;
  readonly service?: ServiceBlock | undefined;
  readonly annotations?: Annotations | undefined;
  readonly metadata?: Metadata | undefined;
  readonly links?: readonly LinkBlock[] | undefined;
  readonly subsegments?: readonly SegmentDocument[] | undefined;
}

export type AnnotationValue = string | number | boolean;
export type Annotations = Readonly<Record<string, AnnotationValue>>;
/** Namespace → key → any JSON value. */
export type Metadata = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface HttpBlock {
  readonly request?:
    | {
        readonly method?: string | undefined;
        readonly url?: string | undefined;
        readonly user_agent?: string | undefined;
        readonly client_ip?: string | undefined;
        readonly x_forwarded_for?: true | undefined;
      }
    | undefined;
  readonly response?:
    | { readonly status?: number | undefined; readonly content_length?: number | undefined }
    | undefined;
}

export interface SqlBlock {
  readonly url?: string | undefined;
  readonly connection_string?: string | undefined;
  readonly sanitized_query?: string | undefined;
  readonly database_type?: string | undefined;
  readonly database_version?: string | undefined;
  readonly driver_version?: string | undefined;
  readonly user?: string | undefined;
  readonly preparation?: 'statement' | 'call' | undefined;
}

export interface CauseBlock {
  readonly working_directory?: string | undefined;
  readonly exceptions: readonly ExceptionBlock[];
}

export interface ExceptionBlock {
  readonly id: string;
  readonly type?: string | undefined;
  readonly message?: string | undefined;
  readonly remote?: boolean | undefined;
  /** Frames left out. */
  readonly truncated?: number | undefined;
  /** Id of the exception that caused this one. */
  readonly cause?: string | undefined;
  readonly stack?: readonly StackFrame[] | undefined;
}

export interface StackFrame {
  readonly path?: string | undefined;
  readonly line?: number | undefined;
  readonly label?: string | undefined;
}

export interface AwsBlock {
  readonly account_id?: string | undefined;
  readonly operation?: string | undefined;
  readonly region?: string | undefined;
  readonly request_id?: string | undefined;
  readonly id_2?: string | undefined;
  readonly retries?: number | undefined;
  readonly queue_url?: string | undefined;
  readonly table_name?: string | undefined;
  readonly table_names?: readonly string[] | undefined;
  readonly bucket_name?: string | undefined;
  readonly key?: string | undefined;
  readonly topic_arn?: string | undefined;
  readonly function_name?: string | undefined;
  readonly function_error?: string | undefined;
  readonly stream_name?: string | undefined;
  readonly resource_names?: readonly string[] | undefined;
  readonly ec2?: Readonly<Record<string, string | undefined>> | undefined;
  readonly ecs?: Readonly<Record<string, string | undefined>> | undefined;
  readonly eks?: Readonly<Record<string, string | undefined>> | undefined;
  readonly elastic_beanstalk?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly cloudwatch_logs?:
    | readonly { readonly log_group: string; readonly arn?: string | undefined }[]
    | undefined;
  readonly xray?: XRayBlock | undefined;
}

export interface XRayBlock {
  readonly sdk?: string | undefined;
  readonly sdk_version?: string | undefined;
  readonly package?: string | undefined;
  readonly auto_instrumentation?: boolean | undefined;
  readonly sampling_rule_name?: string | undefined;
}

export interface ServiceBlock {
  readonly version?: string | undefined;
  readonly runtime?: string | undefined;
  readonly runtime_version?: string | undefined;
}

export interface LinkBlock {
  readonly trace_id: string;
  readonly id: string;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** The type of AWS resource that sent a segment. */
export type Origin = AwsResourceType;

/**
 * How the byte writer treats a field:
 *
 * - `value`: any JSON value
 * - `shared`: a JSON object or list. Its bytes are kept if it is frozen, because many documents
 *   then have the same object
 * - a table: a block with the fields of that table; `['shared', table]` keeps the bytes of a frozen
 *   block; `['list', table]`: a list of such blocks
 * - `separate`: a field with special handling in the writer
 */
export type FieldKind<T> =
  | 'value'
  | 'separate'
  | (T extends readonly (infer Item)[]
      ? 'shared' | (Item extends object ? readonly ['list', Fields<Item>] : never)
      : T extends object
        ? 'shared' | Fields<T> | readonly ['shared', Fields<T>]
        : never);

/** A table of any block, for the code that goes through its rows. */
export interface FieldTable {
  readonly [name: string]: FieldRow;
}

export type FieldRow =
  | 'value'
  | 'shared'
  | 'separate'
  | FieldTable
  | readonly ['shared' | 'list', FieldTable];

/** One row for each field of `T`: a field without a row is a compile error. */
export type Fields<T> = { readonly [K in keyof Required<T>]: FieldKind<NonNullable<T[K]>> };

const HTTP_FIELDS: Fields<HttpBlock> = {
  request: {
    method: 'value',
    url: 'value',
    user_agent: 'value',
    client_ip: 'value',
    x_forwarded_for: 'value',
  },
  response: { status: 'value', content_length: 'value' },
};

const AWS_FIELDS: Fields<AwsBlock> = {
  account_id: 'value',
  operation: 'value',
  region: 'value',
  request_id: 'value',
  id_2: 'value',
  retries: 'value',
  queue_url: 'value',
  table_name: 'value',
  table_names: 'value',
  bucket_name: 'value',
  key: 'value',
  topic_arn: 'value',
  function_name: 'value',
  function_error: 'value',
  stream_name: 'value',
  resource_names: 'value',
  ec2: 'value',
  ecs: 'value',
  eks: 'value',
  elastic_beanstalk: 'value',
  cloudwatch_logs: 'value',
  xray: 'value',
};

const SQL_FIELDS: Fields<SqlBlock> = {
  url: 'value',
  connection_string: 'value',
  sanitized_query: 'value',
  database_type: 'value',
  database_version: 'value',
  driver_version: 'value',
  user: 'value',
  preparation: 'value',
};

const EXCEPTION_FIELDS: Fields<ExceptionBlock> = {
  id: 'value',
  type: 'value',
  message: 'value',
  remote: 'value',
  truncated: 'value',
  cause: 'value',
  stack: 'shared',
};

/** Every field of a document. */
export const DOCUMENT_FIELDS: Fields<SegmentDocument> = {
  name: 'separate',
  id: 'separate',
  trace_id: 'separate',
  parent_id: 'separate',
  type: 'separate',
  start_time: 'separate',
  end_time: 'separate',
  namespace: 'value',
  in_progress: 'value',
  error: 'value',
  fault: 'value',
  throttle: 'value',
  traced: 'value',
  http: HTTP_FIELDS,
  aws: ['shared', AWS_FIELDS],
  sql: SQL_FIELDS,
  cause: { working_directory: 'value', exceptions: ['list', EXCEPTION_FIELDS] },
  user: 'value',
  origin: 'value',
  resource_arn: 'value',
  service: 'shared',
  annotations: 'value',
  metadata: 'separate',
  links: 'value',
  subsegments: 'separate',
};
