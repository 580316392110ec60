import { type Context, context, type Span, TraceFlags, trace } from '@opentelemetry/api';
import { applyFields, type DocumentFields, type RecordedError } from './document-fields.ts';

/** A segment or subsegment. */
type Entity = DocumentFields & { readonly name: string };

/** The state of an entity that the app does not see. */
interface EntityState {
  span: Span | undefined;
  /** Whether `close()` ends the span. An instrumentation ends its own spans. */
  readonly isOwned: boolean;
  /** Starts the span below its parent. */
  readonly start: () => Span;
  /** Sets the name of the span after the app has renamed the entity. */
  readonly rename: (span: Span) => void;
  /** The name with which the span was started. */
  readonly spanName: string;
  /** Errors that have not been copied to the span yet. */
  errors: RecordedError[];
}

/** What an entity needs to start and to rename its span. */
export type EntitySpan = Pick<EntityState, 'span' | 'start' | 'rename'>;

const states = new WeakMap<Entity, EntityState>();
const entities = new WeakMap<Span, Entity>();

/** Connects an entity with its span, or with the function that starts it later. */
export function registerEntity(entity: Entity, { span, start, rename }: EntitySpan): void {
  states.set(entity, {
    span,
    start,
    rename,
    isOwned: span === undefined,
    spanName: entity.name,
    errors: [],
  });
  if (span !== undefined) entities.set(span, entity);
}

export function stateOf(entity: Entity): EntityState {
  return states.get(entity) as EntityState;
}

/** Returns the span of an entity, and starts it if necessary. */
export function spanOf(entity: Entity): Span {
  const state = stateOf(entity);
  if (state.span === undefined) {
    state.span = state.start();
    entities.set(state.span, entity);
  }
  return state.span;
}

/** Returns the entity of a span, if it has one. */
export function registeredEntity(span: Span): object | undefined {
  return entities.get(span);
}

/** Copies what the app recorded on the entity of a span to the span, which is about to end. */
export function writeEntity(span: Span): void {
  const entity = entities.get(span);
  if (entity !== undefined) writeTo(entity, span);
}

/** Copies the fields and errors of an entity to its span. */
export function writeTo(entity: Entity, span: Span): void {
  const state = stateOf(entity);
  const { errors } = state;
  state.errors = [];
  applyFields(entity, errors, span);
  if (entity.name !== state.spanName) state.rename(span);
}

/** Returns the active context with the span of the parent, so that baggage is passed on. */
export function parentContext(parent: Entity | undefined, notTraced: boolean): Context {
  if (parent === undefined) return trace.deleteSpan(context.active());
  const span = spanOf(parent);
  if (!notTraced || !isSampled(span)) return trace.setSpan(context.active(), span);
  const unsampled = { ...span.spanContext(), traceFlags: TraceFlags.NONE };
  return trace.setSpan(context.active(), trace.wrapSpanContext(unsampled));
}

export function isSampled(span: Span): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

export function setSampled(span: Span, sampled: boolean): void {
  span.spanContext().traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
}
