import type { AwsResourceType } from '../aws-resource-types.ts';

/**
 * The X-Ray segment document as it goes over the wire: types only.
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
  readonly stream_name?: string | undefined;
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
