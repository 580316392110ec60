import { readFileSync } from 'node:fs';
import type { Span } from '@opentelemetry/api';
import { warnOnce } from '../../diagnostics.ts';

/**
 * The parameters of AWS calls to record, in the form of the X-Ray SDKs for Node.js and Python
 * (`aws_whitelist.json`).
 *
 * @see aws/aws-xray-sdk-node packages/core/lib/resources/aws_whitelist.json
 */
export interface AwsParameterList {
  /** Services by name, e.g. `dynamodb` or `DynamoDB`. */
  readonly services: Readonly<Record<string, AwsServiceParameters>>;
}

/** The parameters to record of a service. */
export interface AwsServiceParameters {
  /** Operations by name, e.g. `putItem` or `PutItem`. */
  readonly operations: Readonly<Record<string, AwsOperationParameters>>;
}

/** The parameters to record of an operation. */
export interface AwsOperationParameters {
  /** Recorded unchanged, under their names in snake case: `TableName` → `aws.table_name`. */
  readonly request_parameters?: readonly string[];
  readonly response_parameters?: readonly string[];
  readonly request_descriptors?: Readonly<Record<string, AwsDescriptor>>;
  readonly response_descriptors?: Readonly<Record<string, AwsDescriptor>>;
}

/** Records a parameter in another form, or under another name. */
export interface AwsDescriptor {
  readonly rename_to?: string;
  /** Records the names of the parameter's fields instead of the parameter. */
  readonly get_keys?: boolean;
  /** Both together record the length of the list instead of the list. */
  readonly list?: boolean;
  readonly get_count?: boolean;
}

interface AwsRequest {
  readonly serviceName?: string;
  readonly commandName: string;
  readonly commandInput: unknown;
}

/** Hooks of the aws-sdk instrumentation. */
export interface AwsParameterHooks {
  onRequest(span: Span, request: AwsRequest): void;
  onResponse(span: Span, response: { readonly request: AwsRequest; readonly data: unknown }): void;
}

type Fields = Readonly<Record<string, unknown>>;

/** Property of the span of a call with the recorded parameters of its request. */
const REQUESTED: unique symbol = Symbol('otel-xray requested parameters');

interface CallSpan extends Span {
  [REQUESTED]?: Fields;
}

/** The longest JSON recorded for one call, in characters; a parameter that does not fit is omitted. */
const MAX_LENGTH = 8_192;
const MAX_DEPTH = 8;
/** Personal data, which is not recorded even if it is listed. */
const NEVER_RECORDED: ReadonlySet<string> = new Set(['PhoneNumber']);

/**
 * Returns the list, read from a file if a path is given.
 *
 * @param source path of the file, or the list itself
 * @returns `undefined` if the list is invalid, after one warning
 */
export function awsParameterList(source: string | AwsParameterList): AwsParameterList | undefined {
  try {
    const list: unknown =
      typeof source === 'string' ? JSON.parse(readFileSync(source, 'utf8')) : source;
    if (fieldsOf(fieldsOf(list)?.['services']) === undefined) throw new TypeError('no "services"');
    return list as AwsParameterList;
  } catch (error) {
    const shown = typeof source === 'string' ? JSON.stringify(source) : 'of start()';
    warnOnce(
      `OTEL_XRAY_AWS_PARAMETERS=${shown} is not used: ${(error as Error).message}; the usual fields ` +
        'of AWS calls are recorded instead',
    );
    return undefined;
  }
}

/**
 * Returns hooks that record the listed parameters of each AWS call on its span, as one JSON object in
 * `aws.xray.parameters`. The translator turns it into fields of the `aws` block.
 */
export function awsParameterHooks(list: AwsParameterList): AwsParameterHooks {
  const operations = byPlainName(list);
  const found = ({ serviceName = '', commandName }: AwsRequest): AwsOperationParameters =>
    operations.get(`${plain(serviceName)} ${plain(commandName)}`) ?? {};
  const record = (span: Span, fields: Fields): void => {
    const text = JSON.stringify(fields);
    if (text !== '{}') span.setAttribute('aws.xray.parameters', text);
  };
  return {
    onRequest(span: CallSpan, request) {
      if (!span.isRecording()) return;
      const { request_parameters: names, request_descriptors: descriptors } = found(request);
      const fields = withRoom({}, chosen(request.commandInput, names, descriptors));
      span[REQUESTED] = fields;
      record(span, fields);
    },
    onResponse(span: CallSpan, { request, data }) {
      if (!span.isRecording()) return;
      const { response_parameters: names, response_descriptors: descriptors } = found(request);
      if (names === undefined && descriptors === undefined) return;
      record(span, withRoom(span[REQUESTED] ?? {}, chosen(data, names, descriptors)));
    },
  };
}

/**
 * Indexes the operations by service and operation in lower case without separators: the X-Ray SDK
 * for Node.js writes `putItem`, the one for Python `PutItem`.
 */
function byPlainName({ services }: AwsParameterList): ReadonlyMap<string, AwsOperationParameters> {
  const found = new Map<string, AwsOperationParameters>();
  for (const [service, description] of Object.entries(services)) {
    const operations = fieldsOf(fieldsOf(description)?.['operations']) ?? {};
    for (const [operation, parameters] of Object.entries(operations)) {
      if (fieldsOf(parameters) === undefined) continue;
      found.set(`${plain(service)} ${plain(operation)}`, parameters as AwsOperationParameters);
    }
  }
  return found;
}

function plain(name: string): string {
  return name.replace(/[\s_-]/g, '').toLowerCase();
}

function chosen(
  source: unknown,
  names: AwsOperationParameters['request_parameters'],
  descriptors: AwsOperationParameters['request_descriptors'],
): readonly (readonly [name: string, value: unknown])[] {
  const fields = fieldsOf(source) ?? {};
  const has = (name: unknown): name is string =>
    typeof name === 'string' &&
    !NEVER_RECORDED.has(name) &&
    Object.hasOwn(fields, name) &&
    fields[name] !== undefined;
  return [
    ...(Array.isArray(names) ? names.filter(has) : []).map(
      (name) => [snakeCase(name), fields[name]] as const,
    ),
    ...Object.entries(fieldsOf(descriptors) ?? {})
      .filter(([name]) => has(name))
      .map(([name, descriptor]) => described(name, fields[name], fieldsOf(descriptor) ?? {})),
  ];
}

function described(
  name: string,
  value: unknown,
  { rename_to: rename, get_keys: keys, list, get_count: count }: AwsDescriptor,
): readonly [name: string, value: unknown] {
  const field = typeof rename === 'string' ? rename : snakeCase(name);
  if (list && count) return [field, Array.isArray(value) ? value.length : 0];
  return [field, keys ? Object.keys(fieldsOf(value) ?? {}) : value];
}

function snakeCase(name: string): string {
  if (name === 'IPAddress') return 'ip_address';
  return name
    .split(/(?=[A-Z])/)
    .join('_')
    .toLowerCase();
}

/** Adds the fields that have a JSON form and still fit. */
function withRoom(fields: Fields, more: readonly (readonly [string, unknown])[]): Fields {
  const all: Record<string, unknown> = { ...fields };
  let length = JSON.stringify(all).length;
  for (const [name, value] of more) {
    const text = jsonOf(value);
    if (text === undefined) continue;
    length += name.length + text.length + 4;
    if (length > MAX_LENGTH) {
      warnOnce(
        `AWS parameter ${name} is not recorded because the parameters of a call exceed ${MAX_LENGTH} characters`,
      );
      length -= name.length + text.length + 4;
      continue;
    }
    all[name] = JSON.parse(text);
  }
  return all;
}

/** @returns `undefined` for values that are not data, such as streams, and for values beyond the limit */
function jsonOf(value: unknown): string | undefined {
  try {
    const data = dataOf(value, 0, { left: MAX_LENGTH });
    return data === undefined ? undefined : JSON.stringify(data);
  } catch {
    return undefined;
  }
}

/** Throws if the value exceeds the budget, so that a large body is not walked to its end. */
function dataOf(value: unknown, depth: number, budget: { left: number }): unknown {
  budget.left -= typeof value === 'string' ? value.length : 1;
  if (budget.left < 0 || depth > MAX_DEPTH) throw new RangeError('too much');
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => dataOf(item, depth + 1, budget) ?? null);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, dataOf(each, depth + 1, budget)]),
  );
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}
