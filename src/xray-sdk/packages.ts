import { docsUrl } from '../docs-url.ts';
import { connect } from './connect.ts';
import * as facade from './index.ts';
import { log } from './logger.ts';
import type { ANSWERED_FILES, ANSWERED_PACKAGES } from './package-names.ts';

connect();

/**
 * The exports of a package of the X-Ray SDK. The key is the package name, or package name and path for
 * files that apps load directly.
 */
type Exports = unknown;

/** Names of functions that another version of the X-Ray SDK may have and the facade does not. */
const FUNCTION = /^(?:capture|set|get|enable|disable|resolve|append|add)[A-Z]/;

/** Returns a copy of the exports. Apps can write to it, as to those of the X-Ray SDK. */
function sdkExports(): Exports {
  const copy: Record<string, unknown> = {
    ...facade,
    database: { ...facade.database },
    middleware: middlewareExports(),
    plugins: { ...facade.plugins },
    utils: { ...facade.utils },
  };
  return new Proxy(copy, {
    get: (target, name, receiver) =>
      typeof name === 'string' && !(name in target) && FUNCTION.test(name)
        ? missing(name)
        : Reflect.get(target, name, receiver),
  });
}

/** Returns the exports of the middleware. Its variables are read at each access. */
function middlewareExports(): Exports {
  return Object.create(null, {
    ...Object.getOwnPropertyDescriptors({ ...facade.middleware }),
    defaultName: { enumerable: true, get: () => facade.middleware.defaultName },
    dynamicNaming: { enumerable: true, get: () => facade.middleware.dynamicNaming },
    hostPattern: { enumerable: true, get: () => facade.middleware.hostPattern },
  });
}

const missed = new Map<string, (first?: unknown) => unknown>();

/** Returns a function that replaces a missing one: it logs one line and returns its first argument. */
function missing(name: string): (first?: unknown) => unknown {
  const known = missed.get(name);
  if (known !== undefined) return known;
  let isLogged = false;
  const stub = (first?: unknown): unknown => {
    if (!isLogged) {
      log(
        'warn',
        `${name}() of the X-Ray SDK does nothing here: use the API of otel-xray (${docsUrl('migration')}), or set OTEL_XRAY_SDK_FACADE=off`,
      );
    }
    isLogged = true;
    return first;
  };
  missed.set(name, stub);
  return stub;
}

const sdk: Exports = sdkExports();

type Name = (typeof ANSWERED_PACKAGES | typeof ANSWERED_FILES)[number];

const PACKAGES: Readonly<Record<Name, Exports>> = {
  'aws-xray-sdk': sdk,
  'aws-xray-sdk-core': sdk,
  'aws-xray-sdk-express': facade.express,
  'aws-xray-sdk-mysql': facade.captureMySQL,
  'aws-xray-sdk-postgres': facade.capturePostgres,
  'aws-xray-sdk-fetch': {
    captureFetchGlobal: facade.captureFetchGlobal,
    captureFetchModule: facade.captureFetchModule,
    enableCapture: facade.enableCapture,
  },
  'aws-xray-sdk-restify': facade.restify,
  'aws-xray-sdk-fastify': facade.xRayFastifyPlugin,
  'aws-xray-sdk-core/dist/lib/segments/segment.js': facade.Segment,
  'aws-xray-sdk-core/dist/lib/segments/attributes/subsegment.js': facade.Subsegment,
  'aws-xray-sdk-core/dist/lib/segments/attributes/trace_id.js': facade.TraceID,
  'aws-xray-sdk-core/dist/lib/aws-xray.js': sdk,
};

/** Returns the exports that replace a file of the X-Ray SDK; `undefined` if the file is loaded unchanged. */
export function exportsOf(packageOrFile: string): unknown {
  return (PACKAGES as Readonly<Record<string, Exports>>)[packageOrFile];
}
