import { URL } from 'node:url';
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { launchType, platformType } from '../aws-resource-types.ts';

/**
 * The values with which the fields of a rule are compared. A field has several candidates, because
 * instrumentations use different attribute names. It matches if one of them does.
 */

/** Values of the process, which are the same for all requests. */
export interface ServiceInput {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly arns: readonly string[];
  /** Resource attributes, which a rule's `Attributes` match after those of the span. */
  readonly attributes: Attributes;
}

export interface ServiceOptions {
  readonly resource?: Attributes | undefined;
  /** The name of the segments, if it is not `service.name`. */
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

/** Span attributes that contain the ARN. */
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

/** Returns the method, from the current or the old semantic conventions. */
export function methodOf(attributes: Attributes): string | undefined {
  const method = text(attributes['http.request.method']);
  if (method === '_OTHER') return text(attributes['http.request.method_original']);
  return method ?? text(attributes['http.method']);
}

/** Returns host names with and without the port. The X-Ray SDKs compare the Host header with port. */
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

/** Returns the path without the query; `undefined` if the span is not an HTTP request. */
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

/** Returns the path of an absolute URL. An invalid URL must not throw. */
function pathOfUrl(url: string): string | undefined {
  return url.includes('://') && URL.canParse(url) ? new URL(url).pathname || '/' : undefined;
}

/**
 * Returns the value for an attribute condition: the span attribute, the resource attribute, or the
 * captured request header with this name.
 */
export function attributeValue(
  key: string,
  headerKey: string,
  attributes: Attributes,
  resource: Attributes,
): AttributeValue | undefined {
  return attributes[key] ?? resource[key] ?? attributes[headerKey];
}

/** Returns the strings of a value: each element of a list, with numbers and booleans converted. */
export function textsOf(value: AttributeValue | undefined): string[] {
  if (Array.isArray(value)) return value.filter(isScalar).map(String);
  return isScalar(value) ? [String(value)] : [];
}

/** Returns whether a value or one of its elements matches. Like {@link textsOf}, without a list. */
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

/** Returns whether the value is a non-empty string. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function present(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))];
}
