/**
 * The names of the X-Ray SDK for Node.js on OpenTelemetry spans, for apps that import them by hand.
 * Under `otel-xray/register`, `aws-xray-sdk*` is answered with the same names by itself.
 *
 * @see docs/migration.md
 */
import { connect } from './xray-sdk/connect.ts';
import * as names from './xray-sdk/index.ts';

connect();

export * from './xray-sdk/index.ts';
export default names;
