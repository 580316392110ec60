import { NestInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-nestjs-core';
import { attempt } from './guard.ts';
import { Hook } from './hooks.ts';
import { wrapMethods } from './wrap-class.ts';

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
    readonly routerExplorer?: { readonly executionContextCreator?: object };
  };
  registerRouter?(...args: unknown[]): unknown;
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
