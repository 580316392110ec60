import { NestInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-nestjs-core';
import { Hook } from '../../loading/hooks.ts';
import { recordRequestError } from '../../spans/request-errors.ts';
import { attempt } from '../../wrap/guard.ts';
import { wrapMethods, wrapMethodsOnce } from '../../wrap/wrap-class.ts';

/** The part of upstream's class that is used here; private there. */
interface UpstreamClass {
  getRouterExecutionContextFileInstrumentation(versions: readonly string[]): {
    patch(exports: object): unknown;
  };
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

/** The application, whose router creates a handler for each method of a controller. */
interface Application {
  readonly routesResolver?: {
    readonly routerProxy?: object;
    readonly routerExplorer?: { readonly executionContextCreator?: object };
  };
  registerRouter?(...args: unknown[]): unknown;
}

/** Responds to the errors of handlers and middleware. */
interface ExceptionsHandler {
  next?(exception: unknown, ...args: unknown[]): unknown;
}

type CreateProxy = (target: unknown, handler: ExceptionsHandler) => unknown;

interface RouterProxy {
  createProxy?: CreateProxy;
  createExceptionLayerProxy?: CreateProxy;
}

/** Records the errors to which Nest's filters respond. Those of middleware never reach Express. */
function watchExceptions(proxy: object): void {
  const prototype = Object.getPrototypeOf(proxy) as RouterProxy;
  const watching = (original: CreateProxy): CreateProxy =>
    function (this: unknown, target, handler) {
      attempt('nestjs-core', () => watchHandler(Object.getPrototypeOf(handler) as object));
      return original.call(this, target, handler);
    };
  wrapMethodsOnce(prototype, { createProxy: watching, createExceptionLayerProxy: watching });
}

function watchHandler(prototype: ExceptionsHandler): void {
  wrapMethodsOnce(prototype, {
    next: (original) =>
      function next(this: unknown, exception, ...args) {
        if (!isNoRoute(exception)) recordRequestError('nestjs-core', exception);
        return original.call(this as ExceptionsHandler, exception, ...args);
      },
  });
}

/** Returns whether Nest has raised an error because no route matches. Other frameworks have none for that. */
function isNoRoute(exception: unknown): boolean {
  const { name, message } = Object(exception) as Partial<Error>;
  return name === 'NotFoundException' && /^Cannot [A-Z]+ \//.test(String(message));
}

/**
 * Upstream's instrumentation, which also patches Nest 12: that version consists of ES modules, of which
 * only the exports of the package can be observed. The class to patch is found when the application
 * registers its routes.
 */
export class NestInstrumentation extends Upstream {
  readonly #hook: Hook = new Hook(['@nestjs/core'], {}, (exports) => {
    const { NestApplication } = exports as {
      readonly NestApplication?: { readonly prototype: Application };
    };
    if (NestApplication === undefined) return exports;
    const patchRouter = (application: Application): void => {
      const proxy = application.routesResolver?.routerProxy;
      if (proxy !== undefined) watchExceptions(proxy);
      const creator = application.routesResolver?.routerExplorer?.executionContextCreator;
      if (creator === undefined) return;
      const RouterExecutionContext = { prototype: Object.getPrototypeOf(creator) as object };
      this.getRouterExecutionContextFileInstrumentation(['*']).patch({ RouterExecutionContext });
    };
    wrapMethods(NestApplication.prototype, {
      registerRouter: (original) =>
        function registerRouter(this: Application, ...args): unknown {
          attempt('nestjs-core', () => patchRouter(this));
          return original.apply(this, args);
        },
    });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
    (Upstream.prototype as { disable?(): void }).disable?.call(this);
  }
}
