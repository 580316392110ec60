import { parseAllNoneOrList, parseBoolean, parseList, parseOneOf, parseText } from '../parse.ts';
import type { Rows } from '../setting.ts';

/** What the documents say. */
export interface DocumentSettings {
  readonly annotations: readonly string[];
  readonly annotationDots: boolean;
  readonly collectSqlQueries: boolean;
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
    description: 'Attributes to index as annotations: `user.tier,order.*,http.route=route`.',
  },
  annotationDots: {
    env: { OTEL_XRAY_ANNOTATION_DOTS: parseBoolean },
    fallback: true,
    description: '`false`: dots in names of annotations become `_`.',
  },
  collectSqlQueries: {
    env: { AWS_XRAY_COLLECT_SQL_QUERIES: () => true },
    fallback: false,
    description: 'Any text: the query text goes into the `sql` block.',
  },
  stripUrlQuery: {
    env: { OTEL_XRAY_STRIP_URL_QUERY: parseBoolean },
    fallback: false,
    description: 'Leaves the query out of every URL.',
  },
  recordEvents: {
    env: { OTEL_XRAY_RECORD_EVENTS: parseBoolean },
    fallback: true,
    description: '`false`: span events that are no exceptions are left out.',
  },
  recordWorkingDirectory: {
    env: { OTEL_XRAY_RECORD_WORKING_DIRECTORY: parseBoolean },
    fallback: true,
    description: '`false`: exceptions do not say the directory of the process.',
  },
  resourceMetadata: {
    env: { OTEL_XRAY_RESOURCE_METADATA: parseAllNoneOrList },
    fallback: 'all',
    description: 'Resource attributes shown in the metadata of segments: `all`, `none`, or a list.',
  },
  logGroups: {
    env: { OTEL_XRAY_LOG_GROUP: parseList },
    fallback: [],
    description:
      'CloudWatch log groups of the service, a list; X-Ray links their lines to the trace.',
  },
  dynamicNaming: {
    env: { OTEL_XRAY_DYNAMIC_NAMING: parseText },
    fallback: undefined,
    description:
      'Pattern such as `*.example.com`: segments are named by a Host header that fits it.',
  },
  downstreamTraced: {
    env: { OTEL_XRAY_DOWNSTREAM_TRACED: parseBoolean },
    fallback: false,
    description:
      'Marks outgoing HTTP calls as `traced`, so that X-Ray waits for the callee’s segment.',
  },
  lambdaRoot: {
    env: { OTEL_XRAY_LAMBDA_ROOT: parseOneOf('subsegment', 'segment') },
    fallback: 'subsegment',
    description:
      'What a Lambda handler is: a subsegment of Lambda’s own segment, or one more segment.',
  },
};
