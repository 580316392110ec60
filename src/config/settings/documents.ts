import {
  parseAllNoneOrList,
  parseBoolean,
  parseList,
  parseMessageContent,
  parseOneOf,
  parseText,
} from '../parse.ts';
import type { Rows } from '../setting.ts';

/** What the documents say. */
export interface DocumentSettings {
  readonly annotations: readonly string[];
  readonly annotationDots: boolean;
  readonly collectSqlQueries: boolean;
  readonly sqlLiterals: boolean;
  readonly messageContent: boolean;
  readonly stripUrlQuery: boolean;
  readonly recordEvents: boolean;
  readonly recordWorkingDirectory: boolean;
  readonly resourceMetadata: 'all' | 'none' | readonly string[];
  readonly logGroups: readonly string[];
  readonly dynamicNaming: string | undefined;
  readonly downstreamTraced: boolean;
  readonly lambdaRoot: 'subsegment' | 'segment';
}

export const DOCUMENTS: Rows<DocumentSettings> = {
  annotations: {
    env: { OTEL_XRAY_ANNOTATIONS: parseList },
    fallback: [],
    description:
      'Attributes to index as annotations, with `*` and aliases: `user.tier,order.*,http.route=route`.',
  },
  annotationDots: {
    env: { OTEL_XRAY_ANNOTATION_DOTS: parseBoolean },
    fallback: true,
    description: '`false` replaces dots in annotation keys by `_`.',
  },
  collectSqlQueries: {
    env: { AWS_XRAY_COLLECT_SQL_QUERIES: () => true },
    fallback: false,
    description: 'Any value records the text of SQL queries.',
  },
  sqlLiterals: {
    env: { OTEL_XRAY_SQL_LITERALS: parseBoolean },
    fallback: false,
    description: 'Records the literals of query texts, which otherwise become `?`.',
  },
  messageContent: {
    env: { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: parseMessageContent },
    fallback: false,
    description: '`true` records prompts to models and their answers.',
  },
  stripUrlQuery: {
    env: { OTEL_XRAY_STRIP_URL_QUERY: parseBoolean },
    fallback: false,
    description: 'Removes the query string from every URL.',
  },
  recordEvents: {
    env: { OTEL_XRAY_RECORD_EVENTS: parseBoolean },
    fallback: true,
    description: '`false` omits span events other than exceptions.',
  },
  recordWorkingDirectory: {
    env: { OTEL_XRAY_RECORD_WORKING_DIRECTORY: parseBoolean },
    fallback: true,
    description: '`false` omits the working directory from exceptions.',
  },
  resourceMetadata: {
    env: { OTEL_XRAY_RESOURCE_METADATA: parseAllNoneOrList },
    fallback: 'all',
    description: 'Resource attributes in the metadata of segments: `all`, `none`, or a list.',
  },
  logGroups: {
    env: { OTEL_XRAY_LOG_GROUP: parseList },
    fallback: [],
    description:
      'CloudWatch log groups of the service (list); X-Ray shows their lines next to the trace.',
  },
  dynamicNaming: {
    env: { OTEL_XRAY_DYNAMIC_NAMING: parseText },
    fallback: undefined,
    description:
      'Pattern such as `*.example.com`: a Host header that matches becomes the segment name.',
  },
  downstreamTraced: {
    env: { OTEL_XRAY_DOWNSTREAM_TRACED: parseBoolean },
    fallback: false,
    description:
      'Marks outgoing HTTP calls as `traced`, so that X-Ray waits for the segment of the called service.',
  },
  lambdaRoot: {
    env: { OTEL_XRAY_LAMBDA_ROOT: parseOneOf('subsegment', 'segment') },
    fallback: 'subsegment',
    description:
      'Document of a Lambda handler: `subsegment` of the segment that Lambda sends, or a separate `segment`.',
  },
};
