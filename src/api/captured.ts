import type { SpanOptions } from '@opentelemetry/api';
import { captureFrom } from './capture.ts';

/** A function or method with any parameters. */
// biome-ignore lint/suspicious/noExplicitAny: decorated methods have any parameters
type Method<This = any> = (this: This, ...args: any[]) => any;

/** The part of a standard decorator's context that is used. */
export interface MethodContext {
  readonly kind: 'method';
  readonly name: string | symbol;
}

/** Decorates a method, or wraps a function: both standard and `experimentalDecorators`. */
export interface CapturedDecorator {
  <F extends Method>(method: F, context?: MethodContext): F;
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): void;
}

/**
 * Decorates a method: each call of it runs as a subsegment, as with {@link capture}.
 *
 * Works without a name (`@captured`, named after the method) or with a name (`@captured('load user')`); on
 * static, private, async and generator methods; with the standard decorators and with those of
 * `experimentalDecorators` (NestJS). Without decorators, `captured(fn)` and `captured('name')(fn)`
 * wrap a function.
 *
 * @param name name of the subsegment; default: the name of the method
 * @param options span options: `kind`, `attributes`, `links`
 * @example
 * class Orders {
 *   \@captured('load order')
 *   async load(id: string) { … }
 * }
 */
export function captured<F extends Method>(method: F, context?: MethodContext): F;
export function captured(
  target: object,
  key: string | symbol,
  descriptor: PropertyDescriptor,
): void;
export function captured(name?: string, options?: SpanOptions): CapturedDecorator;
export function captured(first?: unknown, second?: unknown, third?: PropertyDescriptor): unknown {
  if (first === undefined || typeof first === 'string') {
    const options = (second ?? {}) as SpanOptions;
    return (...args: unknown[]) => decorate(first, options, args);
  }
  return decorate(undefined, {}, [first, second, third]);
}

function decorate(name: string | undefined, options: SpanOptions, args: unknown[]): unknown {
  const [target, second, third] = args;
  // Standard: (method, { kind, name }). Legacy: (prototype, key, descriptor).
  const descriptor = third as PropertyDescriptor | undefined;
  if (typeof descriptor?.value === 'function') {
    descriptor.value = wrapped(name ?? String(second), options, descriptor.value as Method);
    return undefined;
  }
  if (typeof target !== 'function') {
    throw new TypeError('captured() decorates methods and functions only');
  }
  const key = (second as MethodContext | undefined)?.name ?? target.name;
  return wrapped(name ?? nameText(key), options, target as Method);
}

function wrapped(name: string, options: SpanOptions, method: Method): Method {
  const run: Method = function (this: unknown, ...args: unknown[]) {
    return captureFrom(run, name, options, () => method.apply(this, args));
  };
  Object.defineProperty(run, 'name', { value: method.name, configurable: true });
  Object.defineProperty(run, 'length', { value: method.length, configurable: true });
  return run;
}

function nameText(key: string | symbol): string {
  const text = typeof key === 'symbol' ? (key.description ?? '') : key;
  return text === '' ? 'anonymous' : text;
}
