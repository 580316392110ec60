import { connect } from './connect.ts';
import * as facade from './index.ts';

connect();

/**
 * What each package of the X-Ray SDK exports, by package name, and by package name and path for the
 * files that apps load by themselves.
 */
type Exports = unknown;

/** A copy that an app may write to, as it may to the exports of the X-Ray SDK. */
function core(): Exports {
  const { default: _default, ...names } = facade as Record<string, unknown>;
  const writable = (value: unknown): unknown => ({ ...(value as object) });
  return {
    ...names,
    database: writable(facade.database),
    plugins: writable(facade.plugins),
    SegmentUtils: writable(facade.SegmentUtils),
  };
}

const sdk: Exports = core();

const PACKAGES: Readonly<Record<string, Exports>> = {
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
  return PACKAGES[packageOrFile];
}
