import { connect } from './connect.ts';
import * as facade from './index.ts';
import { log } from './logger.ts';
import type { ANSWERED_FILES, ANSWERED_PACKAGES } from './package-names.ts';

connect();

/**
 * What each package of the X-Ray SDK exports, by package name, and by package name and path for the
 * files that apps load by themselves.
 */
type Exports = unknown;

/** Names that a version of the X-Ray SDK may have and the facade has not. */
const FUNCTION = /^(?:capture|set|get|enable|disable|resolve|append|add)[A-Z]/;

/** A copy that an app may write to, as it may to the exports of the X-Ray SDK. */
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

/** The names that the middleware has are read as they are at that moment. */
function middlewareExports(): Exports {
  return Object.create(null, {
    ...Object.getOwnPropertyDescriptors({ ...facade.middleware }),
    defaultName: { enumerable: true, get: () => facade.middleware.defaultName },
    dynamicNaming: { enumerable: true, get: () => facade.middleware.dynamicNaming },
    hostPattern: { enumerable: true, get: () => facade.middleware.hostPattern },
  });
}

const missed = new Map<string, (first?: unknown) => unknown>();

/** A function in the place of one that the facade does not have: it logs one line. */
function missing(name: string): (first?: unknown) => unknown {
  const known = missed.get(name);
  if (known !== undefined) return known;
  let isLogged = false;
  const stub = (first?: unknown): unknown => {
    if (!isLogged) {
      log(
        'warn',
        `${name}() of the X-Ray SDK does nothing here: use the API of otel-xray (docs/migration.md), or set OTEL_XRAY_SDK_FACADE=off`,
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

/** Returns what to answer for a file of the X-Ray SDK; `undefined` leaves the file as it is. */
export function exportsOf(packageOrFile: string): unknown {
  return (PACKAGES as Readonly<Record<string, Exports>>)[packageOrFile];
}
