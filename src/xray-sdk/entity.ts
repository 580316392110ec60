import type { AnnotationValue } from '../api/annotations.ts';
import { attempt } from '../attempt.ts';
import { xrayForm } from '../trace-id.ts';
import type { DocumentFields } from './document-fields.ts';
import {
  type EntitySpan,
  isSampled,
  registerEntity,
  setSampled,
  spanOf,
  stateOf,
  writeTo,
} from './entity-span.ts';
import { log } from './logger.ts';
import { SegmentUtils } from './segment-utils.ts';

/** The part of a subsegment that its parent uses. */
export interface ChildEntity {
  parent: unknown;
  segment: unknown;
  get notTraced(): boolean;
  set notTraced(value: boolean | undefined);
  isClosed(): boolean;
}

/** Creates and recognizes subsegments, which are a subclass of {@link Entity}. */
export interface SubsegmentFactory {
  create(name: string): ChildEntity;
  isSubsegment(value: unknown): boolean;
  segmentOf(entity: object): object;
}

let factory: SubsegmentFactory;

/** Sets the factory. The module of the subclasses calls it, so that this module need not import it. */
export function setSubsegmentFactory(value: SubsegmentFactory): void {
  factory = value;
}

/**
 * The common part of segments and subsegments. The fields of the document are plain properties that
 * the app may read and write. They are copied to the OpenTelemetry span before it ends.
 *
 * The span starts when it is first needed: as a parent, in a context, for its id, or to be closed.
 * Until then the app can still set `trace_id` and `parent_id`.
 */
export abstract class Entity<Child extends ChildEntity = ChildEntity> implements DocumentFields {
  name: string;
  start_time: number;
  declare end_time?: number;
  in_progress?: boolean = true;
  declare subsegments?: Child[];
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

  constructor(name: string, kind: 'Segment' | 'Subsegment', entitySpan: EntitySpan) {
    if (typeof name !== 'string') throw new Error(`${kind} name must be of type string.`);
    const { span } = entitySpan;
    this.name = name;
    this.start_time = SegmentUtils.getCurrentTime();
    this.#notTraced = span !== undefined && !isSampled(span);
    registerEntity(this, entitySpan);
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

  addNewSubsegment(name: string): Child {
    const subsegment = factory.create(name) as Child;
    this.addSubsegment(subsegment);
    return subsegment;
  }

  addSubsegment(subsegment: Child): void {
    if (!factory.isSubsegment(subsegment)) {
      throw new Error(`Cannot add subsegment: ${String(subsegment)}. Not a subsegment.`);
    }
    subsegment.parent = this;
    subsegment.segment = factory.segmentOf(this);
    if (this.notTraced) subsegment.notTraced = true;
    this.subsegments ??= [];
    this.subsegments.push(subsegment);
  }

  addNewSubsegmentWithoutSampling(name: string): Child {
    const subsegment = factory.create(name) as Child;
    this.addSubsegmentWithoutSampling(subsegment);
    return subsegment;
  }

  addSubsegmentWithoutSampling(subsegment: Child): void {
    this.addSubsegment(subsegment);
    subsegment.notTraced = true;
  }

  removeSubsegment(subsegment: Child): void {
    if (!factory.isSubsegment(subsegment)) {
      throw new Error(`Failed to remove subsegment: ${String(subsegment)}. Not a subsegment.`);
    }
    const at = this.subsegments?.indexOf(subsegment) ?? -1;
    if (at >= 0) this.subsegments?.splice(at, 1);
    // A span that has ended already is sent.
    if (!subsegment.isClosed()) subsegment.notTraced = true;
  }

  isClosed(): boolean {
    return !this.in_progress;
  }

  /**
   * Ends the span, unless it belongs to an instrumentation, which ends it itself.
   *
   * @param error is recorded first
   */
  close(error?: Error | string | null, remote?: boolean): void {
    if (error !== undefined && error !== null) this.addError(error, remote);
    if (!this.in_progress) return;
    this.end_time ??= SegmentUtils.getCurrentTime();
    delete this.in_progress;
    if (!stateOf(this).isOwned) return;
    attempt('closing a segment', () => {
      const span = spanOf(this);
      writeTo(this, span);
      span.end((this.end_time as number) * 1000);
    });
  }

  /** Does nothing: each span is sent after it has ended, even if subsegments are still open. */
  flush(): void {}

  /** Does nothing: the exporter needs no count of open subsegments. */
  incrementCounter(_additional?: number): void {}

  /** Does nothing: the exporter needs no count of open subsegments. */
  decrementCounter(): void {}

  /** Returns the fields of the document. */
  toJSON(): Record<string, unknown> {
    const own = this as Record<string, unknown>;
    const { parent: _parent, segment: _segment, subsegments, ...fields } = own;
    const parentId = own['parent_id'];
    const { traceId, spanId } = spanOf(this).spanContext();
    const children = subsegments as Child[] | undefined;
    return {
      ...fields,
      id: spanId,
      trace_id: xrayForm(traceId),
      ...(parentId !== undefined && { parent_id: parentId }),
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
