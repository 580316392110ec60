/**
 * The public names of the X-Ray SDK for Node.js (`aws-xray-sdk`, `-core`, `-express`, `-mysql`,
 * `-postgres`, `-fetch`, `-restify`, `-fastify`), implemented with OpenTelemetry spans.
 *
 * @see docs/migration.md
 */
export { captureAsyncFunc, captureCallbackFunc, captureFunc } from './capture.ts';
export {
  captureAWS,
  captureAWSClient,
  captureAWSv3Client,
  captureFetchGlobal,
  captureFetchModule,
  captureHTTPs,
  captureHTTPsGlobal,
  captureMySQL,
  capturePostgres,
  capturePromise,
  enableCapture,
} from './clients.ts';
export {
  type ContextMissingStrategy,
  enableAutomaticMode,
  enableManualMode,
  getNamespace,
  getSegment,
  isAutomaticMode,
  type Namespace,
  resolveManualSegmentParams,
  resolveSegment,
  setContextMissingStrategy,
  setSegment,
} from './context.ts';
export * as database from './database.ts';
export { Segment, type SegmentLike, Subsegment } from './entities.ts';
export * as express from './express.ts';
export { xRayFastifyPlugin } from './fastify.ts';
export { getLogger, type Logger, setLogger } from './logger.ts';
export * as middleware from './middleware.ts';
export * as plugins from './plugins.ts';
export * as restify from './restify.ts';
export { SegmentUtils } from './segment-utils.ts';
export {
  appendAWSWhitelist,
  config,
  setAWSWhitelist,
  setDaemonAddress,
  setStreamingThreshold,
} from './settings.ts';
export { TraceID } from './trace-id.ts';
export * as utils from './utils.ts';
