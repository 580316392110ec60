import { type AttributeReader, names } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { AwsBlock, HttpBlock, SegmentDocument, ServiceBlock, SqlBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import { redactConnectionString } from '../values/connection-string.ts';
import { integerOf, truncate } from '../values/text.ts';
import { redactUrl } from '../values/url.ts';

const NAMES = { fields: names('aws.xray.document_fields') } as const;

/** Returns the value for the field; `undefined` if it has another type. */
type Check = (value: unknown, settings: Settings) => unknown;
type Fields = Readonly<Record<string, unknown>>;

const text: Check = (value) =>
  typeof value === 'string' && value !== '' ? truncate(value, LIMITS.short) : undefined;
const url: Check = (value, settings) =>
  typeof value === 'string' && value !== ''
    ? truncate(redactUrl(value, settings), LIMITS.text)
    : undefined;
const connection: Check = (value) =>
  typeof value === 'string' ? truncate(redactConnectionString(value), LIMITS.text) : undefined;
const whole: Check = (value) => {
  const number = integerOf(value);
  return number !== undefined && number >= 0 ? number : undefined;
};
const flag: Check = (value) => (value === true ? true : undefined);
const texts: Check = (value) => {
  if (!Array.isArray(value)) return undefined;
  const kept = value.filter((element) => typeof element === 'string');
  return kept.length > 0 ? kept : undefined;
};
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.find((one) => one === value);

/** Platform and SDK are never set by the app. */
const notGiven: Check = () => undefined;

/** One check for each field of `T`: a field without a check is a compile error. */
type Checks<T> = { readonly [K in keyof Required<T>]: Check };

/** Returns a check of an object's fields; other fields are omitted. */
function block<T>(fields: Checks<T>): Check {
  return (value, settings) => {
    const given = fieldsOf(value);
    if (given === undefined) return undefined;
    const kept: [string, unknown][] = [];
    for (const [name, check] of Object.entries<Check>(fields)) {
      const checked = Object.hasOwn(given, name) ? check(given[name], settings) : undefined;
      if (checked !== undefined) kept.push([name, checked]);
    }
    return kept.length > 0 ? Object.fromEntries(kept) : undefined;
  };
}

/** The fields that an app may set on any document. */
const ANY: Readonly<Record<string, Check>> = {
  error: flag,
  fault: flag,
  throttle: flag,
  http: block<HttpBlock>({
    request: block<NonNullable<HttpBlock['request']>>({
      method: text,
      url,
      user_agent: text,
      client_ip: text,
      x_forwarded_for: flag,
    }),
    response: block<NonNullable<HttpBlock['response']>>({ status: whole, content_length: whole }),
  }),
  aws: block<AwsBlock>({
    account_id: text,
    operation: text,
    region: text,
    request_id: text,
    id_2: text,
    retries: whole,
    queue_url: url,
    table_name: text,
    table_names: texts,
    bucket_name: text,
    key: text,
    topic_arn: text,
    function_name: text,
    function_error: text,
    stream_name: text,
    resource_names: texts,
    ec2: notGiven,
    ecs: notGiven,
    eks: notGiven,
    elastic_beanstalk: notGiven,
    cloudwatch_logs: notGiven,
    xray: notGiven,
  }),
};
const OF_SEGMENT: Readonly<Record<string, Check>> = {
  ...ANY,
  origin: text,
  service: block<ServiceBlock>({ version: text, runtime: text, runtime_version: text }),
};
const OF_SUBSEGMENT: Readonly<Record<string, Check>> = {
  ...ANY,
  namespace: oneOf('aws', 'remote'),
  traced: flag,
  sql: block<SqlBlock>({
    url,
    connection_string: connection,
    sanitized_query: text,
    database_type: text,
    database_version: text,
    driver_version: text,
    user: text,
    preparation: oneOf('statement', 'call'),
  }),
};

/**
 * Returns the document fields that the app set through the X-Ray SDK's API: a JSON object in
 * `aws.xray.document_fields`.
 *
 * Fields that X-Ray does not define, or of another type, are omitted. Credentials are removed from
 * URLs and connection strings, as in all other fields.
 *
 * @see docs/spec/translation.md section 8.10
 */
export function givenFields(
  reader: AttributeReader,
  isSegment: boolean,
  settings: Settings,
): Partial<SegmentDocument> | undefined {
  const json = reader.peekText(NAMES.fields);
  if (json === undefined) return undefined;
  const checked = block(isSegment ? OF_SEGMENT : OF_SUBSEGMENT)(parsed(json), settings);
  if (checked !== undefined) reader.consume(NAMES.fields);
  return checked as Partial<SegmentDocument> | undefined;
}

/** Overrides fields of a document. `http` and `aws` are merged field by field. */
export function withGivenFields(
  document: SegmentDocument,
  given: Partial<SegmentDocument>,
): SegmentDocument {
  const { http, aws } = document;
  return {
    ...document,
    ...given,
    http:
      given.http === undefined
        ? http
        : {
            request: { ...http?.request, ...given.http.request },
            response: { ...http?.response, ...given.http.response },
          },
    aws: given.aws === undefined ? aws : { ...aws, ...given.aws },
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}
