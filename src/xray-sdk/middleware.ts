import type { IncomingMessage, ServerResponse } from 'node:http';
import { trace } from '@opentelemetry/api';
import { isThrottleStatus } from '../http-status.ts';
import { setLate } from '../late-settings.ts';
import { TRACE_HEADER } from '../propagation/header-name.ts';
import { currentSegment } from './active-segment.ts';
import { isOfApp, Segment, segmentOf } from './entities.ts';
import { log } from './logger.ts';
import { IncomingRequestData } from './request-data.ts';
import {
  getCauseTypeFromHttpStatus,
  processTraceData,
  type TraceData,
  wildcardMatch,
} from './utils.ts';

export { IncomingRequestData };

export interface BaseRuleConfig {
  http_method: string;
  url_path: string;
  fixed_target: number;
  rate: number;
}

export interface RuleConfig extends BaseRuleConfig {
  host?: string;
  service_name?: string;
  description?: string;
}

export interface RulesConfig {
  version: number;
  default?: { fixed_target: number; rate: number };
  rules?: RuleConfig[];
}

/** The default name of segments. `AWS_XRAY_TRACING_NAME` takes precedence. */
export let defaultName: string | undefined = process.env['AWS_XRAY_TRACING_NAME'];
export let dynamicNaming = false;
export let hostPattern: string | null = null;

/** Names segments after the `Host` header; with a pattern, only if the header matches it. */
export function enableDynamicNaming(pattern?: string): void {
  if (pattern && typeof pattern !== 'string') throw new Error('Host pattern must be a string.');
  dynamicNaming = true;
  hostPattern = pattern || null;
}

/** Sets the name of segments, unless `AWS_XRAY_TRACING_NAME` is set. */
export function setDefaultName(name: string): void {
  if (!process.env['AWS_XRAY_TRACING_NAME']) defaultName = name;
}

/** Parses the trace header of a request. */
export function processHeaders(request?: Partial<Pick<IncomingMessage, 'headers'>>): TraceData {
  return processTraceData(request?.headers?.[TRACE_HEADER] as string | undefined);
}

/** Returns the name of a segment for a request with this `Host` header. */
export function resolveName(hostHeader?: string): string {
  if (!dynamicNaming || !hostHeader) return defaultName as string;
  const fits = hostPattern === null || wildcardMatch(hostPattern, hostHeader);
  return fits ? hostHeader : (defaultName as string);
}

/**
 * Applies the sampling decision of the header. Does nothing for a segment of a traced request: the
 * sampler decided when the request started.
 */
export function resolveSampling(
  header: { [key: string]: unknown },
  segment: Segment,
  _response?: ServerResponse,
): void {
  if (header['sampled'] === '0') segment.notTraced = true;
}

/** Uses only the local sampling rules. */
export function disableCentralizedSampling(): void {
  setLate('centralSampling', false);
}

/**
 * Replaces the local sampling rules, which apply until the rules of X-Ray have been fetched.
 *
 * @param source path of a rules file, or its content
 * @throws {Error} if it is neither
 */
export function setSamplingRules(source: string | RulesConfig): void {
  if (!source || (typeof source !== 'string' && typeof source !== 'object')) {
    throw new Error(
      'Please specify a path to the local sampling rules file, or supply an object containing the rules.',
    );
  }
  setLate('samplingRules', source);
}

/** Logs a request and its segment at debug level. */
export function middlewareLog(message: string, url: string, segment: Segment): void {
  log(
    'debug',
    `${message}: { url: ${url}, name: ${segment.name}, trace_id: ${segment.trace_id}, id: ${segment.id}, sampled: ${!segment.notTraced} }`,
  );
}

/**
 * Returns the segment of a request. With `otel-xray/register`, it is that of the instrumentation of
 * `http` or Lambda. Otherwise, as for a request that the app makes up inside a segment of its own,
 * starts a segment and closes it with the response.
 */
export function traceRequestResponseCycle(
  request: IncomingMessage,
  response: ServerResponse,
): Segment {
  const name = resolveName(request.headers.host);
  const current = trace.getActiveSpan() === undefined ? undefined : currentSegment();
  const enclosing = current && segmentOf(current);
  if (enclosing !== undefined && !isOfApp(enclosing)) {
    const segment = enclosing;
    if (name) segment.name = name;
    return segment;
  }
  const header = processHeaders(request);
  const segment = new Segment(name ?? 'unknown', header['root'], header['parent']);
  resolveSampling(header, segment, response);
  const data = new IncomingRequestData(request);
  segment.addIncomingRequestData(data);
  const close = (): void => {
    if (segment.isClosed()) return;
    const flag = getCauseTypeFromHttpStatus(response.statusCode);
    if (flag !== undefined) segment[flag] = true;
    if (isThrottleStatus(response.statusCode)) segment.addThrottleFlag();
    data.close(response);
    segment.close();
  };
  response.once('finish', close);
  response.once('close', close);
  return segment;
}
