import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { launchType, platformType } from '../aws-resource-types.ts';

/**
 * What a rule's fields are compared with. A field has several candidates, because instrumentations
 * name the same thing differently; it matches when one of them does.
 */

/** What is known of the process and holds for all its requests. */
export interface ServiceInput {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly arns: readonly string[];
  /** Resource attributes, where a rule's `Attributes` look after the span's own. */
  readonly attributes: Attributes;
}

export interface ServiceOptions {
  readonly resource?: Attributes | undefined;
  /** The name written on segments, when it is not `service.name`. */
  readonly serviceName?: string | undefined;
  /** The `origin` written on segments. */
  readonly origin?: string | undefined;
}

const RESOURCE_ARNS = [
  'aws.ecs.container.arn',
  'aws.ecs.task.arn',
  'aws.ecs.cluster.arn',
  'aws.eks.cluster.arn',
  'cloud.resource_id',
  'faas.id',
] as const;

/** Names by which a span itself can tell the ARN. */
export const SPAN_ARNS = ['cloud.resource_id', 'faas.id', 'aws.lambda.invoked_arn'] as const;

export function serviceInput(input: ServiceOptions): ServiceInput {
  const resource = input.resource ?? {};
  const platform = text(resource['cloud.platform']);
  return {
    names: present([text(input.serviceName) ?? text(resource['service.name'])]),
    types: present([
      input.origin,
      platformType(platform),
      platform === 'aws_ecs' ? launchType(text(resource['aws.ecs.launchtype'])) : undefined,
    ]),
    arns: present(RESOURCE_ARNS.map((name) => text(resource[name]))),
    attributes: resource,
  };
}

export function methodsOf(attributes: Attributes): string[] {
  return present([methodOf(attributes), text(attributes['http.method'])]);
}

/** The method by the current convention, else by the old one. */
export function methodOf(attributes: Attributes): string | undefined {
  const method = text(attributes['http.request.method']);
  if (method === '_OTHER') return text(attributes['http.request.method_original']);
  return method ?? text(attributes['http.method']);
}

/** Host names with and without the port: the X-Ray SDKs compare the Host header, which has it. */
export function hostsOf(attributes: Attributes): string[] {
  const header = attributes['http.request.header.host'];
  return present([
    ...withPort(attributes['server.address'], attributes['server.port']),
    text(attributes['http.host']),
    ...withPort(attributes['net.host.name'], attributes['net.host.port']),
    text(Array.isArray(header) ? header[0] : header),
  ]);
}

function withPort(
  name: AttributeValue | undefined,
  port: AttributeValue | undefined,
): (string | undefined)[] {
  const host = text(name);
  if (host === undefined || port === undefined) return [host];
  return [host, `${host}:${String(port)}`];
}

/** Any of these marks a span as an HTTP request. Its path is `/` if no attribute contains it. */
const HTTP_SIGNS = [
  'http.request.method',
  'http.method',
  'http.url',
  'url.full',
  'http.target',
  'http.host',
  'url.scheme',
  'http.scheme',
  'http.route',
] as const;

/** The path without its query; `undefined` when the span is not an HTTP request. */
export function pathOf(attributes: Attributes): string | undefined {
  const path = attributes['url.path'];
  if (typeof path === 'string') return path === '' ? '/' : path;
  const target = text(attributes['http.target']);
  if (target !== undefined) return withoutQuery(target) || '/';
  const url = text(attributes['url.full']) ?? text(attributes['http.url']);
  const fromUrl = url === undefined ? undefined : pathOfUrl(url);
  if (fromUrl !== undefined) return fromUrl;
  return HTTP_SIGNS.some((name) => attributes[name] !== undefined) ? '/' : undefined;
}

function withoutQuery(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

/** The path of an absolute URL; a URL that cannot be read must not stop a request. */
function pathOfUrl(url: string): string | undefined {
  return url.includes('://') && URL.canParse(url) ? new URL(url).pathname || '/' : undefined;
}

/**
 * The value a rule's attribute condition is compared with: the span's own attribute, else the
 * resource's, else the captured request header of that name.
 */
export function attributeValue(
  key: string,
  headerKey: string,
  attributes: Attributes,
  resource: Attributes,
): AttributeValue | undefined {
  return attributes[key] ?? resource[key] ?? attributes[headerKey];
}

/** The texts of a value: a number or boolean as written, each element of a list. */
export function textsOf(value: AttributeValue | undefined): string[] {
  if (Array.isArray(value)) return value.filter(isScalar).map(String);
  return isScalar(value) ? [String(value)] : [];
}

/** Whether a value, or an element of it, fits. As {@link textsOf}, without making a list. */
export function valueMatches(
  value: AttributeValue | undefined,
  fits: (text: string) => boolean,
): boolean {
  if (typeof value === 'string') return fits(value);
  return textsOf(value).some(fits);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** A string that is there and not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function present(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))];
}
