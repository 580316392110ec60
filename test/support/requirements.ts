/**
 * Set by `.ci/run`, where every external part is installed: a test that would be skipped fails instead.
 * `CI` has no effect, because public CI services set it on machines without those parts.
 */
const REQUIRE_ALL = 'OTEL_XRAY_TEST_REQUIRE_ALL';

/**
 * Returns whether the external part that a test needs is installed. If not, prints one line that names
 * it, so that the output explains the skip.
 *
 * @param missing what is missing and how to get it; `undefined` when everything is there
 * @throws {Error} when something is missing and `OTEL_XRAY_TEST_REQUIRE_ALL` is set
 */
export function meetsRequirement(missing: string | undefined): boolean {
  if (missing === undefined) return true;
  if (process.env[REQUIRE_ALL]) {
    throw new Error(`${REQUIRE_ALL} is set, but a test would be skipped: ${missing}`);
  }
  process.stdout.write(`skipped: ${missing}\n`);
  return false;
}
