import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { AnnotationValue } from '../api/annotations.ts';
import { tracer } from '../api/capture.ts';
import { attempt } from '../attempt.ts';
import { flagRootOnly } from '../propagation/span-context-flags.ts';
import { xrayForm } from '../trace-id.ts';
import { applyFields, type DocumentFields, type RecordedError } from './document-fields.ts';
import { log } from './logger.ts';
import type { IncomingRequestData } from './request-data.ts';
import { remoteRequestData } from './request-data.ts';
import { SegmentUtils } from './segment-utils.ts';
import { otelTraceId, TraceID } from './trace-id.ts';

export type SegmentLike = Segment | Subsegment;

/** What the facade knows of an entity and the app does not see. */
interface State {
  span: Span | undefined;
  /** Whether `close()` ends the span; an instrumentation ends its own. */
  readonly isOwned: boolean;
  /** Starts the span below its parent. */
  readonly start: () => Span;
  /** The name that the span has. */
  readonly spanName: string;
  /** Errors that are not yet copied to the span. */
  errors: RecordedError[];
}

/** The span of each entity, and the entity of each span. */
const states = new WeakMap<Entity, State>();
const entities = new WeakMap<Span, SegmentLike>();

/**
 * What segments and subsegments have in common: the fields of the document are plain properties
 * that the app may read and write; they are copied to the OpenTelemetry span before it ends.
 *
 * The span starts when it is first needed (as parent, in a context, for its id, to be closed), so
 * that `trace_id` and `parent_id` may still be written after construction.
 */
abstract class Entity implements DocumentFields {
  name: string;
  start_time: number;
  declare end_time?: number;
  in_progress?: boolean = true;
  declare subsegments?: Subsegment[];
  declare annotations?: Record<string, AnnotationValue>;
  declare metadata?: Record<string, Record<string, unknown>>;
  declare user?: string;
  declare http?: object;
  declare aws?: object;
  declare sql?: object;
  declare service?: object;
  declare namespace?: string;
  declare origin?: string;
  declare precursor_ids?: string[];
  declare traced?: boolean;
  declare error?: boolean;
  declare fault?: boolean;
  declare throttle?: boolean;
  #notTraced: boolean;

  constructor(
    name: string,
    kind: 'Segment' | 'Subsegment',
    span: Span | undefined,
    start: () => Span,
  ) {
    if (typeof name !== 'string') throw new Error(`${kind} name must be of type string.`);
    this.name = name;
    this.start_time = SegmentUtils.getCurrentTime();
    this.#notTraced = span !== undefined && !isSampled(span);
    states.set(this, { span, isOwned: span === undefined, start, spanName: name, errors: [] });
  }

  /** Id of the document: the span id, 16 hexadecimal digits. */
  get id(): string {
    return spanOf(this).spanContext().spanId;
  }

  /** Whether the entity is left out of the trace. */
  get notTraced(): boolean {
    return this.#notTraced;
  }

  set notTraced(value: boolean | undefined) {
    this.#notTraced = value === true;
    const { span } = stateOf(this);
    // The processors skip spans without the flag, and spans below inherit it.
    if (span !== undefined) attempt('notTraced', () => setSampled(span, !this.#notTraced));
  }

  addAnnotation(key: string, value: AnnotationValue): void {
    const isValue =
      typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value);
    if (typeof key !== 'string' || !isValue) {
      log(
        'error',
        `addAnnotation(${String(key)}, ${String(value)}) on "${this.name}": expected a string key and a string, number or boolean; not recorded`,
      );
      return;
    }
    this.annotations ??= {};
    this.annotations[key] = value;
  }

  addMetadata(key: string, value: unknown, namespace: string = 'default'): void {
    if (typeof key !== 'string' || typeof (namespace || '') !== 'string') {
      log(
        'error',
        `addMetadata(${String(key)}) on "${this.name}": expected a string key and a string namespace; not recorded`,
      );
      return;
    }
    const name = namespace || 'default';
    if (name === '__proto__') return;
    this.metadata ??= {};
    this.metadata[name] ??= {};
    (this.metadata[name] as Record<string, unknown>)[key] = value ?? '';
  }

  /** Records an error and sets the fault flag. */
  addError(error: Error | string, remote?: boolean): void {
    if (error === null || (typeof error !== 'object' && typeof error !== 'string')) {
      log(
        'error',
        `addError(${String(error)}) on "${this.name}": expected an error or a string; not recorded`,
      );
      return;
    }
    this.fault = true;
    stateOf(this).errors.push({ error, remote: remote === true });
  }

  addFaultFlag(): void {
    this.fault = true;
  }

  addErrorFlag(): void {
    this.error = true;
  }

  addThrottleFlag(): void {
    this.throttle = true;
  }

  addNewSubsegment(name: string): Subsegment {
    const subsegment = new Subsegment(name);
    this.addSubsegment(subsegment);
    return subsegment;
  }

  addSubsegment(subsegment: Subsegment): void {
    if (!(subsegment instanceof Subsegment)) {
      throw new Error(`Cannot add subsegment: ${String(subsegment)}. Not a subsegment.`);
    }
    subsegment.parent = this as unknown as SegmentLike;
    subsegment.segment = rootOf(this as unknown as SegmentLike);
    if (this.notTraced) subsegment.notTraced = true;
    this.subsegments ??= [];
    this.subsegments.push(subsegment);
  }

  addNewSubsegmentWithoutSampling(name: string): Subsegment {
    const subsegment = new Subsegment(name);
    this.addSubsegmentWithoutSampling(subsegment);
    return subsegment;
  }

  addSubsegmentWithoutSampling(subsegment: Subsegment): void {
    this.addSubsegment(subsegment);
    subsegment.notTraced = true;
  }

  removeSubsegment(subsegment: Subsegment): void {
    if (!(subsegment instanceof Subsegment)) {
      throw new Error(`Failed to remove subsegment: ${String(subsegment)}. Not a subsegment.`);
    }
    const at = this.subsegments?.indexOf(subsegment) ?? -1;
    if (at >= 0) this.subsegments?.splice(at, 1);
  }

  isClosed(): boolean {
    return !this.in_progress;
  }

  /**
   * Ends the span, unless an instrumentation owns it: that one ends it when the work is over.
   *
   * @param error recorded first, when given
   */
  close(error?: Error | string | null, remote?: boolean): void {
    if (error !== undefined && error !== null) this.addError(error, remote);
    if (!this.in_progress) return;
    this.end_time ??= SegmentUtils.getCurrentTime();
    this.in_progress = false;
    if (!stateOf(this).isOwned) return;
    attempt('closing a segment', () => {
      const span = spanOf(this);
      writeTo(this, span);
      span.end((this.end_time as number) * 1000);
    });
  }

  /** Does nothing: each span is sent when it has ended, whatever is still open below it. */
  flush(): void {}

  /** Does nothing: spans need no count of what is open below them. */
  incrementCounter(_additional?: number): void {}

  /** Does nothing: spans need no count of what is open below them. */
  decrementCounter(): void {}

  /** Returns the fields of the document. */
  toJSON(): Record<string, unknown> {
    const {
      parent: _parent,
      segment: _segment,
      subsegments,
      ...fields
    } = this as Record<string, unknown>;
    const { traceId, spanId } = spanOf(this).spanContext();
    const children = subsegments as Subsegment[] | undefined;
    return {
      ...fields,
      id: spanId,
      trace_id: xrayForm(traceId),
      ...(children !== undefined && children.length > 0 ? { subsegments: children } : {}),
    };
  }

  format(): string {
    return this.serialize();
  }

  toString(): string {
    return this.serialize();
  }

  serialize(object: unknown = this): string {
    return JSON.stringify(object, SegmentUtils.getJsonStringifyReplacer());
  }
}

/** The root of a trace in this process. */
export class Segment extends Entity {
  #traceId: string;
  #parentId: string | undefined;
  /** Data of the trace header beside root, parent and decision. */
  declare additionalTraceData?: object;

  /**
   * @param rootId trace id of the caller, `1-…-…`; a new one when left out
   * @param parentId id of the caller's subsegment
   */
  constructor(name: string, rootId?: string | null, parentId?: string | null, span?: Span) {
    super(name, 'Segment', span, () => this.#start());
    this.#traceId =
      span === undefined
        ? (rootId ? TraceID.FromString(rootId) : new TraceID()).toString()
        : xrayForm(span.spanContext().traceId);
    this.#parentId = parentId || undefined;
    if (span !== undefined) {
      entities.set(span, this);
      return;
    }
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
        `${field} of segment "${this.name}" cannot change once the segment is in use; set it right after new Segment()`,
      );
    }
    return isStarted;
  }

  /** Sets the user; X-Ray shows and searches it. */
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
}

/** A part of a segment. */
export class Subsegment extends Entity {
  declare parent: SegmentLike;
  declare segment: Segment;

  constructor(name: string, span?: Span) {
    super(name, 'Subsegment', span, () => this.#start());
    if (span !== undefined) entities.set(span, this);
  }

  get trace_id(): string {
    return xrayForm(spanOf(this).spanContext().traceId);
  }

  /** Sets any field of the document, for example `namespace`. */
  addAttribute(name: string, data: unknown): void {
    (this as unknown as Record<string, unknown>)[name] = data;
  }

  /** Links to a subsegment that this one follows. */
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

  /** Sends nothing by itself: each span is sent when it has ended. */
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

/** The active context with the parent's span, so that baggage goes on. */
function parentContext(parent: SegmentLike | undefined, notTraced: boolean): Context {
  if (parent === undefined) return trace.deleteSpan(context.active());
  const span = spanOf(parent);
  if (!notTraced || !isSampled(span)) return trace.setSpan(context.active(), span);
  const unsampled = { ...span.spanContext(), traceFlags: TraceFlags.NONE };
  return trace.setSpan(context.active(), trace.wrapSpanContext(unsampled));
}

function stateOf(entity: Entity): State {
  return states.get(entity) as State;
}

function writeTo(entity: Entity, span: Span): void {
  const state = stateOf(entity);
  const { errors } = state;
  state.errors = [];
  applyFields(entity, errors, span);
  if (entity.name !== state.spanName) rename(entity as SegmentLike, span);
}

/** A segment shows the name of its service; `OTEL_SERVICE_NAME` wins over what the app sets. */
function rename(entity: SegmentLike, span: Span): void {
  if (entity instanceof Subsegment) span.updateName(entity.name);
  else if (!process.env['OTEL_SERVICE_NAME']) span.setAttribute('aws.local.service', entity.name);
}

/** Returns the span of an entity; starts it when that was not done yet. */
export function spanOf(entity: Entity): Span {
  const state = stateOf(entity);
  if (state.span === undefined) {
    state.span = state.start();
    entities.set(state.span, entity as SegmentLike);
  }
  return state.span;
}

/** Copies what the app recorded on the entity of a span to the span, which is about to end. */
export function writeEntity(span: Span): void {
  const entity = entities.get(span);
  if (entity !== undefined) writeTo(entity, span);
}

/** Returns the entity that stands for a span, when there is one. */
export function entityOf(span: Span): SegmentLike | undefined {
  return entities.get(span);
}

/** The segment that a segment or subsegment belongs to. */
export function rootOf(entity: SegmentLike): Segment {
  return entity instanceof Segment ? entity : entity.segment;
}

function isSampled(span: Span): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

function setSampled(span: Span, sampled: boolean): void {
  span.spanContext().traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
}
