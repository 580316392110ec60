import { context } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { setRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';

const NAME = 'moleculer-web';

interface Alias {
  /** Path of the alias with that of its route, e.g. `/api/orders/:id`. */
  readonly fullPath?: string;
  /** Whether the path of the request is the name of an action. */
  readonly _notDefined?: boolean;
}

/** The service that an app adds to its own. */
interface Methods {
  aliasHandler?(this: unknown, request: unknown, response: unknown, alias: Alias): Promise<unknown>;
  errorHandler?(this: unknown, ...args: unknown[]): unknown;
}

interface Exports {
  readonly methods?: Methods;
}

/**
 * Gives the segment of an API gateway of Moleculer the path of its alias as route, and the error that the
 * action throws.
 */
export class MoleculerWebInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const { methods } = exports as Exports;
    if (methods !== undefined) {
      wrapMethodsOnce(methods, { aliasHandler: handling, errorHandler: answering });
    }
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

/** Errors of requests for an action that does not exist, which are not recorded. */
const misses = new WeakSet<object>();

function handling(original: NonNullable<Methods['aliasHandler']>): Methods['aliasHandler'] {
  return async function aliasHandler(request, response, alias) {
    attempt(NAME, () => setRoute(context.active(), alias.fullPath));
    try {
      return await original.call(this, request, response, alias);
    } catch (error) {
      attempt(NAME, () => noteError(error, alias));
      throw error;
    }
  };
}

function noteError(error: unknown, { _notDefined }: Alias): void {
  const { type } = Object(error) as { readonly type?: unknown };
  if (_notDefined === true && type === 'SERVICE_NOT_FOUND') misses.add(error as object);
  else recordRequestError(NAME, error);
}

/** What fails before the action, such as middleware of a route. */
function answering(original: NonNullable<Methods['errorHandler']>): Methods['errorHandler'] {
  return function errorHandler(...args) {
    const error = args[2];
    if (error && !misses.has(Object(error))) recordRequestError(NAME, error);
    return original.apply(this, args);
  };
}
