/**
 * The names of the X-Ray SDK for Node.js on OpenTelemetry spans, for apps that import them by hand.
 * Under `otel-xray/register`, `aws-xray-sdk*` is answered with the same names by itself.
 *
 * @see docs/migration.md
 */
import { connect } from './xray-sdk/connect.ts';

connect();

// By name too: tools that check packages do not follow `export *`.
export { Segment, Subsegment } from './xray-sdk/entities.ts';
export * from './xray-sdk/index.ts';
export * as default from './xray-sdk/index.ts';
