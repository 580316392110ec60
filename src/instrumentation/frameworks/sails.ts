import { join } from 'node:path';
import { types } from 'node:util';
import { Hook } from '../loading/hooks.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';

const NAME = 'sails';

/** The hook of Sails that adds methods such as `res.serverError` to responses. */
interface ResponsesHook {
  loadModules?: (this: ResponsesHook, done: AnyFunction, ...rest: unknown[]) => unknown;
  /** These methods by name, once they are loaded. */
  readonly middleware?: Record<string, unknown>;
}

/**
 * Gives the segment of a Sails app the errors that it responds to. Sails passes what an action throws to
 * `res.serverError`, as apps do themselves; no layer of Express sees it.
 */
export class SailsInstrumentation {
  readonly #hook: Hook = new Hook([join(NAME, 'lib/hooks/responses/index.js')], {}, (define) =>
    typeof define === 'function' ? recording(define as AnyFunction) : define,
  );

  disable(): void {
    this.#hook.unhook();
  }
}

function recording(define: AnyFunction): AnyFunction {
  return like(define, function (this: unknown, ...args: unknown[]): unknown {
    const hook = define.apply(this, args) as ResponsesHook;
    attempt(NAME, () => wrapMethodsOnce(hook, { loadModules: watching }));
    return hook;
  });
}

function watching(
  load: NonNullable<ResponsesHook['loadModules']>,
): NonNullable<ResponsesHook['loadModules']> {
  return function loadModules(done, ...rest) {
    const loaded = (...results: unknown[]): unknown => {
      attempt(NAME, () => watchResponses(this.middleware));
      return done(...results);
    };
    return load.call(this, loaded, ...rest);
  };
}

function watchResponses(responses: ResponsesHook['middleware'] = {}): void {
  for (const [name, respond] of Object.entries(responses)) {
    if (typeof respond !== 'function') continue;
    responses[name] = like(respond as AnyFunction, function (this: unknown, ...args): unknown {
      if (types.isNativeError(args[0])) recordRequestError(NAME, args[0]);
      return respond.apply(this, args);
    });
  }
}
