import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../../scripts/staleness.mjs';
import { meetsRequirement } from './requirements.ts';

/**
 * Programs of other projects that some tests run against. They are not in the repository:
 *
 * - `xray-daemon`: the AWS X-Ray daemon (aws/aws-xray-daemon, v3.6.6)
 * - `collector-translate`: the translator of the OpenTelemetry Collector's `awsxrayexporter` (v0.156.0)
 *   as a filter: OTLP/JSON requests on stdin, one JSON line with the documents of each span on stdout
 */
export type Binary = 'xray-daemon' | 'collector-translate';

const FOLDER = process.env['OTEL_XRAY_TEST_BIN'] || join(root, '../shared/bin');

/** Returns the path of a binary; call {@link hasBinary} first. */
export function binaryPath(name: Binary): string {
  return resolve(FOLDER, name);
}

/** Returns whether the binary is installed; prints the reason for a skip if not. */
export function hasBinary(name: Binary): boolean {
  return meetsRequirement(
    existsSync(binaryPath(name))
      ? undefined
      : `no ${name} in ${FOLDER}; set OTEL_XRAY_TEST_BIN to the folder that has it`,
  );
}
