/**
 * The names of the X-Ray SDK for Node.js on OpenTelemetry spans, for apps that import them directly.
 * With `otel-xray/register`, `aws-xray-sdk*` is replaced by the same names.
 *
 * @see docs/migration.md
 */
import { connect } from './xray-sdk/connect.ts';

connect();

// By name too: tools that check packages do not follow `export *`.
export { Segment, Subsegment } from './xray-sdk/entities.ts';
export * from './xray-sdk/index.ts';
export * as default from './xray-sdk/index.ts';
