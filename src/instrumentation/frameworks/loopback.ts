import { Hook } from '../loading/hooks.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { noteMountedRoute } from './mount-path.ts';

const NAME = 'loopback';

interface Request {
  /** The path at which the API is mounted. */
  readonly baseUrl?: string;
}

interface Router {
  find?(this: unknown, request: Request): { readonly path: string } | undefined;
}

type Reject = (this: unknown, handled: Handled, error: unknown, ...others: unknown[]) => unknown;

interface Handled {
  readonly request?: Request;
}

/** The class of a static provider. */
interface RejectProvider {
  value?(this: unknown, ...args: unknown[]): Reject;
}

interface Exports {
  readonly TrieRouter?: { readonly prototype: Router };
  readonly RejectProvider?: RejectProvider;
}

/**
 * Gives the segment of a LoopBack 4 app the path of its operation, such as `/orders/{id}`, and the error that
 * the app responds to. The segment is that of Express.
 */
export class LoopbackInstrumentation {
  readonly #hook: Hook = new Hook(['@loopback/rest'], {}, (exports) => {
    const { TrieRouter, RejectProvider } = exports as Exports;
    // The class of all routers is not exported.
    const routers = Object.getPrototypeOf(TrieRouter?.prototype ?? {}) as Router | null;
    if (routers?.find !== undefined) wrapMethodsOnce(routers, { find: notingRoute });
    if (RejectProvider !== undefined) wrapMethodsOnce(RejectProvider, { value: recordingErrors });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

/** Requests that a route matches. */
const matched = new WeakSet<Request>();

function notingRoute(original: NonNullable<Router['find']>): Router['find'] {
  return function find(request) {
    const found = original.call(this, request);
    attempt(NAME, () => noteRoute(request, found?.path));
    return found;
  };
}

function noteRoute(request: Request, path: string | undefined): void {
  if (path === undefined) return;
  matched.add(request);
  noteMountedRoute(request.baseUrl ?? '', path);
}

function recordingErrors(original: NonNullable<RejectProvider['value']>): RejectProvider['value'] {
  return function value(...args) {
    const reject = original.apply(this, args);
    return function (handled, error, ...others) {
      attempt(NAME, () => noteError(handled, error));
      return reject.call(this, handled, error, ...others);
    };
  };
}

/** A request that no route matches has no error. */
function noteError({ request }: Handled, error: unknown): void {
  const { statusCode } = Object(error) as { readonly statusCode?: unknown };
  const isMiss = statusCode === 404 && request !== undefined && !matched.has(request);
  if (!isMiss) recordRequestError(NAME, error);
}
