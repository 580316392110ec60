/** Runs before each test file of `vitest.sdk-3.config.ts`: fails if the test does not get SDK 3.x. */
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { SDK_3 } from './packages.ts';

const span = new BasicTracerProvider().getTracer('check').startSpan('check');
const { attributes } = (span as unknown as ReadableSpan).resource;
const version = attributes['telemetry.sdk.version'];
if (version !== SDK_3['@opentelemetry/sdk-trace']) {
  throw new Error(`the tests use SDK ${String(version)}, not SDK 3`);
}
