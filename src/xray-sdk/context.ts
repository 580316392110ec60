import { context } from '@opentelemetry/api';
import {
  currentSegment,
  leaveSlots,
  runInSlot,
  setCurrentSegment,
  setSlotValue,
  slotValue,
} from './active-segment.ts';
import { Segment, type SegmentLike, Subsegment } from './entities.ts';
import { isInsideForeignCapture } from './foreign-capture.ts';
import { log } from './logger.ts';

/** How a call outside a segment is reported: one of three names, or a function that gets the message. */
export type ContextMissingStrategy =
  | 'LOG_ERROR'
  | 'RUNTIME_ERROR'
  | 'IGNORE_ERROR'
  | ((message: string) => void);

const STRATEGIES: Readonly<Record<string, (message: string) => void>> = {
  LOG_ERROR: logOnce,
  RUNTIME_ERROR: (message) => {
    throw new Error(message);
  },
  IGNORE_ERROR: () => {},
};

/** Messages that were logged. Each is logged once, not with every request. */
const logged = new Set<string>();

function logOnce(message: string): void {
  if (logged.has(message)) return;
  logged.add(message);
  log('error', `${message} Logged once; AWS_XRAY_CONTEXT_MISSING=IGNORE_ERROR silences it.`);
}

const fromEnvironment = STRATEGIES[(process.env['AWS_XRAY_CONTEXT_MISSING'] ?? '').toUpperCase()];
let missing: (message: string) => void = fromEnvironment ?? logOnce;
let automatic: boolean = !process.env['AWS_XRAY_MANUAL_MODE'];

/**
 * Sets how calls outside a segment are reported. `AWS_XRAY_CONTEXT_MISSING` takes precedence.
 *
 * @throws {Error} if the strategy is neither a known name nor a function
 */
export function setContextMissingStrategy(strategy: ContextMissingStrategy): void {
  if (fromEnvironment !== undefined) {
    log('warn', 'setContextMissingStrategy() has no effect: AWS_XRAY_CONTEXT_MISSING is set');
    return;
  }
  if (typeof strategy === 'function') {
    missing = strategy;
    return;
  }
  const named = typeof strategy === 'string' ? STRATEGIES[strategy.toUpperCase()] : undefined;
  if (named === undefined) {
    throw new Error(
      `Invalid context missing strategy: ${String(strategy)}. Valid values are ${Object.keys(STRATEGIES)}, or a function.`,
    );
  }
  missing = named;
}

/** Returns whether the current segment is tracked automatically. */
export function isAutomaticMode(): boolean {
  return automatic;
}

export function enableAutomaticMode(): void {
  automatic = true;
}

/** Turns manual mode on: the app passes segments itself. Not available on AWS Lambda, as in the X-Ray SDK. */
export function enableManualMode(): void {
  if (process.env['LAMBDA_TASK_ROOT'] !== undefined) {
    log('warn', 'enableManualMode() has no effect on AWS Lambda');
    return;
  }
  automatic = false;
}

/** Returns the current segment or subsegment. Outside one, applies the strategy and returns `undefined`. */
export function getSegment(): SegmentLike | undefined {
  if (isInsideForeignCapture()) return undefined;
  if (!automatic) {
    missing('Cannot get sub/segment from context. Not supported in manual mode.');
    return undefined;
  }
  const segment = currentSegment();
  if (segment === undefined) missing('Failed to get the current sub/segment from the context.');
  return segment;
}

/** Sets the current segment or subsegment. */
export function setSegment(segment?: SegmentLike | null): void {
  if (!automatic) {
    missing('Cannot set sub/segment on context. Not supported in manual mode.');
    return;
  }
  setCurrentSegment(segment ?? undefined);
}

/** Returns the current segment in automatic mode, and the given one in manual mode. */
export function resolveSegment(segment?: SegmentLike | null): SegmentLike | undefined {
  if (automatic) return getSegment();
  if (segment) return segment;
  missing('No sub/segment specified. A sub/segment must be provided for manual mode.');
  return undefined;
}

/** Names of the parameter that passes a segment to a call. */
const PARAMETERS = ['XRaySegment', 'XraySegment', 'Segment'] as const;

/**
 * Removes the segment from the parameters of a call and returns it, in manual mode; otherwise
 * returns `undefined`.
 */
export function resolveManualSegmentParams(params?: object | null): SegmentLike | undefined {
  if (automatic || !params) return undefined;
  const given = params as Record<string, unknown>;
  for (const name of PARAMETERS) {
    const value = given[name];
    if (value instanceof Segment || value instanceof Subsegment) {
      delete given['XRaySegment'];
      delete given['XraySegment'];
      if (name === 'Segment') delete given['Segment'];
      return value;
    }
  }
  return undefined;
}

/** The part of cls-hooked's `Namespace` that apps use with the X-Ray SDK. */
export interface Namespace {
  readonly name: string;
  readonly active: object | null;
  run(fn: (context: object) => void): object;
  runAndReturn<T>(fn: (context: object) => T): T;
  runPromise<T>(fn: (context: object) => Promise<T>): Promise<T>;
  // biome-ignore lint/suspicious/noExplicitAny: keeps the type of any function
  bind<F extends (...args: any[]) => any>(fn: F, context?: object): F;
  bindEmitter(emitter: object): void;
  get(key: string): unknown;
  set<T>(key: string, value: T): T;
  createContext(): object;
  enter(context: object): void;
  exit(context: object): void;
}

const SEGMENT = 'segment';

const namespace: Namespace = {
  name: 'AWSXRay',
  get active() {
    return context.active();
  },
  run(fn) {
    return runInSlot(() => {
      const active = context.active();
      fn(active);
      return active;
    }, currentSegment());
  },
  runAndReturn: (fn) => runInSlot(() => fn(context.active()), currentSegment()),
  runPromise: (fn) => runInSlot(() => fn(context.active()), currentSegment()),
  bind: (fn) => context.bind(context.active(), fn),
  bindEmitter(emitter) {
    context.bind(context.active(), emitter);
  },
  get: (key) => (key === SEGMENT ? currentSegment() : slotValue(key)),
  set(key, value) {
    if (key === SEGMENT) setCurrentSegment((value as SegmentLike | undefined) ?? undefined);
    else setSlotValue(key, value);
    return value;
  },
  createContext: () => ({}),
  enter() {
    setSlotValue('entered', true);
  },
  exit() {
    leaveSlots();
  },
};

/** Returns the namespace that stores the current segment. */
export function getNamespace(): Namespace {
  return namespace;
}
