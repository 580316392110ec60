import {
  type Context,
  context,
  createContextKey,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';
import { localRootOf } from '../api/local-root.ts';
import { enterContext } from '../context-storage.ts';
import { entityOf, Segment, type SegmentLike, Subsegment, spanOf } from './entities.ts';
import { log } from './logger.ts';

/**
 * The current segment. With the X-Ray SDK, an app can *set* it for the rest of the running task; the
 * context of OpenTelemetry is immutable.
 *
 * A *slot* in the context holds the segment that the app set. While the active span is still the one
 * that was active when the slot was created, `context.active()` returns a context with the span of
 * the segment, so that instrumented calls are its children. A span that is activated later takes
 * precedence as usual.
 */
interface Slot {
  readonly base: Span | undefined;
  segment: SegmentLike | undefined;
  /** Values of `getNamespace().set(key, value)` other than the segment. */
  readonly values: Map<string, unknown>;
  /** The last context that was returned; it is reused for the same segment. */
  cache?: { readonly from: Context; readonly segment: SegmentLike; readonly to: Context };
}

interface ContextManager {
  active(): Context;
}

const SLOT: symbol = createContextKey('otel-xray current segment');
const patched = new WeakSet<ContextManager>();

/** Patches the registered context manager so that it applies slots. */
function patchManager(): void {
  const manager = Reflect.get(context, '_getContextManager').call(context) as ContextManager;
  if (patched.has(manager)) return;
  patched.add(manager);
  const active = manager.active;
  manager.active = function (this: ContextManager): Context {
    const current = active.call(this);
    const slot = current.getValue(SLOT) as Slot | undefined;
    return slot?.segment === undefined ? current : withSegment(current, slot, slot.segment);
  };
}

function withSegment(current: Context, slot: Slot, segment: SegmentLike): Context {
  if (trace.getSpan(current) !== slot.base) return current;
  const { cache } = slot;
  if (cache?.from === current && cache.segment === segment) return cache.to;
  const to = trace.setSpan(current, spanOf(segment));
  slot.cache = { from: current, segment, to };
  return to;
}

function newSlot(base: Span | undefined, segment: SegmentLike | undefined, from?: Slot): Slot {
  // Starts the span first: a start inside `active()` would call `active()` again.
  if (segment !== undefined) spanOf(segment);
  return { base, segment, values: new Map(from?.values) };
}

function slotIn(active: Context): Slot | undefined {
  return active.getValue(SLOT) as Slot | undefined;
}

/** Runs a function with its own slot: segments that it sets are not visible outside. */
export function runInSlot<T>(run: () => T, segment?: SegmentLike): T {
  patchManager();
  const active = context.active();
  const slot = newSlot(trace.getSpan(active), segment, slotIn(active));
  return context.with(active.setValue(SLOT, slot), run);
}

/** Sets the current segment for the rest of this task and for the tasks that it starts. */
export function setCurrentSegment(segment: SegmentLike | undefined): void {
  const slot = ownSlot();
  if (segment !== undefined) spanOf(segment);
  if (slot !== undefined) slot.segment = segment;
}

/** Stores a value of the app in the current slot. */
export function setSlotValue(key: string, value: unknown): void {
  ownSlot()?.values.set(key, value);
}

export function slotValue(key: string): unknown {
  return slotIn(context.active())?.values.get(key);
}

/** Returns the slot of the active span; enters a new one if there is none. */
function ownSlot(): Slot | undefined {
  patchManager();
  const active = context.active();
  const slot = slotIn(active);
  const span = trace.getSpan(active);
  if (slot !== undefined && (slot.base === span || isSpanOf(slot.segment, span))) return slot;
  const entered = newSlot(span, undefined, slot);
  return enter(active.setValue(SLOT, entered)) ? entered : undefined;
}

function isSpanOf(segment: SegmentLike | undefined, span: Span | undefined): boolean {
  return segment !== undefined && span !== undefined && entityOf(span) === segment;
}

function enter(next: Context): boolean {
  if (enterContext(next)) return true;
  log(
    'warn',
    'setSegment() needs a context manager based on AsyncLocalStorage; the segment is not set. Run the code inside getNamespace().run() instead',
  );
  return false;
}

/** Leaves every slot and span, as `getNamespace().exit()` does. */
export function leaveSlots(): void {
  patchManager();
  enter(ROOT_CONTEXT);
}

/**
 * Returns the segment or subsegment of the running code.
 *
 * A span that the app started is a subsegment. A span of an instrumentation, such as the handler of a
 * framework, is not: the X-Ray SDK has no such subsegments, and apps expect the segment of the
 * request.
 */
export function currentSegment(): SegmentLike | undefined {
  patchManager();
  const active = context.active();
  const span = trace.getSpan(active);
  if (span === undefined) return undefined;
  const known = entityOf(span);
  if (known !== undefined) return known;
  if (span.spanContext().isRemote === true) return undefined;
  const root = localRootOf(span);
  if (root === span) return new Segment(nameOf(span), undefined, undefined, span);
  const segment = segmentOf(root);
  if (isOfInstrumentation(span)) return enclosing(slotIn(active), segment) ?? segment;
  const subsegment = new Subsegment(nameOf(span), span);
  subsegment.segment = segment;
  subsegment.parent = enclosing(slotIn(active), segment) ?? segment;
  return subsegment;
}

function segmentOf(root: Span): Segment {
  const known = entityOf(root);
  return known instanceof Segment ? known : new Segment(nameOf(root), undefined, undefined, root);
}

/** Returns the segment that was set around the span of an instrumentation, if both are in one trace. */
function enclosing(slot: Slot | undefined, segment: Segment): SegmentLike | undefined {
  const set = slot?.segment;
  return set !== undefined && set.trace_id === segment.trace_id ? set : undefined;
}

function nameOf(span: Span): string {
  const { name } = span as { readonly name?: unknown };
  return typeof name === 'string' ? name : '';
}

/** Scopes of the tracers of instrumentations. */
const INSTRUMENTATION = /^@(?:opentelemetry\/instrumentation-|fastify\/otel|hono\/otel)/;

function isOfInstrumentation(span: Span): boolean {
  const { instrumentationScope, instrumentationLibrary } = span as {
    readonly instrumentationScope?: { readonly name?: string };
    readonly instrumentationLibrary?: { readonly name?: string };
  };
  const name = instrumentationScope?.name ?? instrumentationLibrary?.name ?? '';
  return INSTRUMENTATION.test(name);
}
