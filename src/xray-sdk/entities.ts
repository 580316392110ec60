import { ROOT_CONTEXT, type Span, TraceFlags, trace } from '@opentelemetry/api';
import { tracer } from '../api/capture.ts';
import { flagRootOnly } from '../propagation/span-context-flags.ts';
import { xrayForm } from '../trace-id.ts';
import { Entity, setSubsegmentFactory } from './entity.ts';
import { parentContext, registeredEntity, spanOf, stateOf } from './entity-span.ts';
import { log } from './logger.ts';
import type { IncomingRequestData } from './request-data.ts';
import { remoteRequestData } from './request-data.ts';
import { SegmentUtils } from './segment-utils.ts';
import { otelTraceId, TraceID } from './trace-id.ts';

export { spanOf, writeEntity } from './entity-span.ts';

export type SegmentLike = Segment | Subsegment;

/** The root of a trace in this process. */
export class Segment extends Entity<Subsegment> {
  #traceId: string;
  #parentId: string | undefined;
  /** Fields of the trace header other than root, parent and decision. */
  declare additionalTraceData?: object;

  /**
   * @param rootId trace id of the caller, `1-…-…`; default: a new one
   * @param parentId id of the caller's subsegment
   */
  constructor(name: string, rootId?: string | null, parentId?: string | null, span?: Span) {
    super(name, 'Segment', {
      span,
      start: () => this.#start(),
      rename: (renamed) => this.#rename(renamed),
    });
    this.#traceId =
      span === undefined
        ? (rootId ? TraceID.FromString(rootId) : new TraceID()).toString()
        : xrayForm(span.spanContext().traceId);
    this.#parentId = parentId || undefined;
    if (span !== undefined) return;
    const { origin, pluginData, serviceData } = SegmentUtils;
    if (origin !== undefined) this.origin = origin;
    if (pluginData !== undefined) this.addPluginData(pluginData);
    if (serviceData !== undefined) this.service = serviceData;
  }

  get trace_id(): string {
    return this.#traceId;
  }

  set trace_id(value: string) {
    if (this.#isStarted('trace_id')) return;
    this.#traceId = value;
  }

  get parent_id(): string | undefined {
    return this.#parentId;
  }

  set parent_id(value: string | undefined) {
    if (this.#isStarted('parent_id')) return;
    this.#parentId = value;
  }

  #isStarted(field: string): boolean {
    const isStarted = stateOf(this).span !== undefined;
    if (isStarted) {
      log(
        'warn',
        `${field} of segment "${this.name}" cannot change once the segment is in use; set it directly after new Segment()`,
      );
    }
    return isStarted;
  }

  /** Sets the user, which X-Ray shows and indexes. */
  setUser(user: string): void {
    this.user = user;
  }

  addIncomingRequestData(data: IncomingRequestData): void {
    this.http = data;
  }

  /** Does nothing: the exporter names itself in `aws.xray`. */
  setSDKData(_data: object): void {}

  /** Records which sampling rule matched. */
  setMatchedSamplingRule(ruleName: string): void {
    const aws = this.aws as { xray?: object } | undefined;
    this.aws = { ...aws, xray: { ...aws?.xray, rule_name: ruleName } };
  }

  setServiceData(data: object): void {
    this.service = data;
  }

  addPluginData(data: object): void {
    this.aws = { ...this.aws, ...data };
  }

  #start(): Span {
    const traceId = otelTraceId(this.#traceId) ?? (otelTraceId(new TraceID().toString()) as string);
    const parent = {
      traceId,
      spanId: /^[0-9a-f]{16}$/i.test(this.#parentId ?? '')
        ? (this.#parentId as string).toLowerCase()
        : traceId.slice(16),
      traceFlags: this.notTraced ? TraceFlags.NONE : TraceFlags.SAMPLED,
      isRemote: true,
    };
    if (this.#parentId === undefined) flagRootOnly(parent);
    return tracer().startSpan(
      this.name,
      { attributes: { 'aws.local.service': this.name }, startTime: this.start_time * 1000 },
      trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(parent)),
    );
  }

  /** The name of a segment is that of its service. `OTEL_SERVICE_NAME` takes precedence. */
  #rename(span: Span): void {
    if (!process.env['OTEL_SERVICE_NAME']) span.setAttribute('aws.local.service', this.name);
  }
}

/** A part of a segment. */
export class Subsegment extends Entity<Subsegment> {
  declare parent: SegmentLike;
  declare segment: Segment;

  constructor(name: string, span?: Span) {
    super(name, 'Subsegment', {
      span,
      start: () => this.#start(),
      rename: (renamed) => void renamed.updateName(this.name),
    });
  }

  get trace_id(): string {
    return xrayForm(spanOf(this).spanContext().traceId);
  }

  /** Sets any field of the document, for example `namespace`. */
  addAttribute(name: string, data: unknown): void {
    (this as unknown as Record<string, unknown>)[name] = data;
  }

  /** Records the id of a subsegment that precedes this one. */
  addPrecursorId(id: string): void {
    if (typeof id !== 'string') {
      log(
        'error',
        `addPrecursorId(${String(id)}) on "${this.name}": expected a string; not recorded`,
      );
      return;
    }
    this.precursor_ids ??= [];
    this.precursor_ids.push(id);
  }

  addSqlData(sql: object): void {
    this.sql = sql;
  }

  /** Records a call to another service. */
  addRemoteRequestData(
    request: object,
    response?: object | null,
    downstreamXRayEnabled?: boolean,
  ): void {
    this.http = remoteRequestData(request, response ?? undefined);
    if (downstreamXRayEnabled) this.traced = true;
  }

  /** Records a call by `fetch`. */
  addFetchRequestData(
    request: object,
    response?: object | null,
    downstreamXRayEnabled?: boolean,
  ): void {
    this.addRemoteRequestData(request, response, downstreamXRayEnabled);
  }

  /** Sends nothing: each span is sent after it has ended. */
  streamSubsegments(): true | undefined {
    return this.isClosed() ? true : undefined;
  }

  #start(): Span {
    return tracer().startSpan(
      this.name,
      { startTime: this.start_time * 1000 },
      parentContext(this.parent, this.notTraced),
    );
  }
}

setSubsegmentFactory({
  create: (name) => new Subsegment(name),
  isSubsegment: (value) => value instanceof Subsegment,
  segmentOf: (entity) => segmentOf(entity as SegmentLike),
});

/** Returns the segment of a segment or subsegment. */
export function segmentOf(entity: SegmentLike): Segment {
  return entity instanceof Segment ? entity : entity.segment;
}

/** Returns whether the app created the segment. Otherwise it represents the span of an instrumentation. */
export function isOfApp(segment: Segment): boolean {
  return stateOf(segment).isOwned;
}

/** Returns the entity of a span, if it has one. */
export function entityOf(span: Span): SegmentLike | undefined {
  return registeredEntity(span) as SegmentLike | undefined;
}
