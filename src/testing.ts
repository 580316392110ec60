/**
 * `otel-xray/testing`: X-Ray inside a test.
 *
 * ```ts
 * import { startXRay, xrayMatchers } from 'otel-xray/testing';
 * expect.extend(xrayMatchers);
 *
 * const xray = await startXRay();
 * // run the app with AWS_XRAY_DAEMON_ADDRESS=xray.daemonAddress
 * const trace = await xray.waitFor('service("shop") { fault }');
 * expect(trace).toHaveSubsegment('DynamoDB', { namespace: 'aws' });
 * ```
 *
 * Needs Node 22.13 or newer.
 */
import { type LocalXRay, type LocalXRayOptions, startLocalXRay } from './local/index.ts';

export type { LocalTrace, LocalXRay, LocalXRayOptions, Problem } from './local/index.ts';
export { traceTree } from './local/index.ts';
export { type XRayMatchers, xrayMatchers } from './local/matchers.ts';

/** A local X-Ray that a test can hold: on a free port, and closed by `await using`. */
export type XRayFixture = LocalXRay & AsyncDisposable;

/**
 * Starts X-Ray for a test: on a free port of the loopback address, in memory, traces announced
 * without delay.
 *
 * @throws {StoreError} on Node older than 22.13
 */
export async function startXRay(options: LocalXRayOptions = {}): Promise<XRayFixture> {
  const xray = await startLocalXRay({ port: 0, quietMs: 20, partialMs: 200, ...options });
  return { ...xray, [Symbol.asyncDispose]: () => xray.close() };
}
