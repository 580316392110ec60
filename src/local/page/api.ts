import type { Group, SamplingRule, Service, Trace, TraceSummaries } from './api-types.ts';

/** An error as X-Ray's API says it; `type` is e.g. `InvalidRequestException`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/**
 * Calls an operation of X-Ray's API at this page's own address.
 *
 * @throws {ApiError} what the service answers, or `Unreachable`
 */
async function call<Reply>(path: string, input: object, signal?: AbortSignal): Promise<Reply> {
  return answerOf<Reply>(
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: signal ?? null,
    }),
  );
}

/** Reads data of the local X-Ray that X-Ray's API does not offer. */
export function readLocal<Reply>(path: string, signal?: AbortSignal): Promise<Reply> {
  return answerOf<Reply>(fetch(path, { signal: signal ?? null }));
}

async function answerOf<Reply>(sent: Promise<Response>): Promise<Reply> {
  const response = await sent.catch((error: unknown) => {
    if ((error as Error)?.name === 'AbortError') throw error;
    throw new ApiError('Unreachable', 'The local X-Ray does not respond. Is it still running?');
  });
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return body as Reply;
  throw new ApiError(
    String(body['__type'] ?? response.status),
    String(body['message'] ?? body['Message'] ?? response.statusText),
  );
}

export interface Range {
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
}

export function getTraceSummaries(
  { start, end }: Range,
  filter: string,
  token: string | undefined,
  signal?: AbortSignal,
): Promise<TraceSummaries> {
  return call(
    '/TraceSummaries',
    {
      StartTime: start,
      EndTime: end,
      FilterExpression: filter === '' ? undefined : filter,
      NextToken: token,
      LocalDetails: true,
    },
    signal,
  );
}

/** Returns the requested traces that exist. */
export async function getTraces(
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<readonly Trace[]> {
  const traces: Trace[] = [];
  let token: string | undefined;
  do {
    const reply: { Traces?: readonly Trace[]; NextToken?: string } = await call(
      '/Traces',
      { TraceIds: ids, NextToken: token },
      signal,
    );
    traces.push(...(reply.Traces ?? []));
    token = reply.NextToken;
  } while (token);
  return traces;
}

export async function getTraceGraph(id: string, signal?: AbortSignal): Promise<readonly Service[]> {
  const reply = await call<{ Services?: readonly Service[] }>(
    '/TraceGraph',
    { TraceIds: [id] },
    signal,
  );
  return reply.Services ?? [];
}

export async function getServiceGraph(
  { start, end }: Range,
  signal?: AbortSignal,
): Promise<readonly Service[]> {
  const services: Service[] = [];
  let token: string | undefined;
  do {
    const reply: { Services?: readonly Service[]; NextToken?: string } = await call(
      '/ServiceGraph',
      { StartTime: start, EndTime: end, NextToken: token },
      signal,
    );
    services.push(...(reply.Services ?? []));
    token = reply.NextToken;
  } while (token);
  return services;
}

/** Returns the groups that users made; not the group of all traces. */
export async function getGroups(signal?: AbortSignal): Promise<readonly Group[]> {
  const groups: Group[] = [];
  let token: string | undefined;
  do {
    const reply: { Groups?: readonly Group[]; NextToken?: string } = await call(
      '/Groups',
      { NextToken: token },
      signal,
    );
    groups.push(...(reply.Groups ?? []));
    token = reply.NextToken;
  } while (token);
  return groups.filter(({ GroupName }) => GroupName !== 'Default');
}

export function createGroup(name: string, filter: string): Promise<unknown> {
  return call('/CreateGroup', { GroupName: name, FilterExpression: filter });
}

export function deleteGroup(name: string): Promise<unknown> {
  return call('/DeleteGroup', { GroupName: name });
}

/** Stores documents that were read from a file. */
export function importDocuments(documents: readonly object[]): Promise<{ Stored: number }> {
  return call('/local/import', { Documents: documents });
}

export function createRule(rule: SamplingRule): Promise<unknown> {
  return call('/CreateSamplingRule', { SamplingRule: { ...rule, Version: 1 } });
}

export function updateRule(rule: Partial<SamplingRule>): Promise<unknown> {
  return call('/UpdateSamplingRule', { SamplingRuleUpdate: rule });
}

export function deleteRule(name: string): Promise<unknown> {
  return call('/DeleteSamplingRule', { RuleName: name });
}
