import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { SETTINGS } from '../../src/config/settings.ts';
import { specText } from '../support/fixtures.ts';

/** The files that read variables which are not in `SETTINGS`, with the name as in that file. */
const READ_BY: Readonly<Record<string, readonly [file: string, name: string]>> = {
  AWS_XRAY_MANUAL_MODE: ['src/start.ts', 'AWS_XRAY_MANUAL_MODE'],
  NODE_OPTIONS: ['src/start/entry-point.ts', 'NODE_OPTIONS'],
  _X_AMZN_TRACE_ID: ['src/propagation/lambda.ts', '_X_AMZN_TRACE_ID'],
  LAMBDA_TASK_ROOT: ['src/lambda/mode.ts', 'LAMBDA_TASK_ROOT'],
  AWS_LAMBDA_FUNCTION_NAME: ['src/lambda/mode.ts', 'AWS_LAMBDA_FUNCTION_NAME'],
  AWS_LAMBDA_LOG_GROUP_NAME: ['src/resource/detectors/lambda.ts', 'AWS_LAMBDA_LOG_GROUP_NAME'],
  _LOG_STREAM_NAME: ['src/resource/detectors/lambda.ts', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  _FUNCTION_VERSION: ['src/resource/detectors/lambda.ts', 'AWS_LAMBDA_FUNCTION_VERSION'],
  AWS_REGION: ['src/resource/detectors/lambda.ts', 'AWS_REGION'],
  AWS_EXECUTION_ENV: ['src/resource/detectors/ecs.ts', 'AWS_EXECUTION_ENV'],
  AWS_DEFAULT_REGION: ['src/xray-api/client.ts', 'AWS_DEFAULT_REGION'],
  AWS_ACCESS_KEY_ID: [
    'node_modules/@aws-sdk/credential-provider-env/dist-cjs/index.js',
    'AWS_ACCESS_KEY_ID',
  ],
  AWS_PROFILE: ['node_modules/@smithy/core/dist-cjs/submodules/config/index.js', 'AWS_PROFILE'],
  AWS_ENDPOINT_URL: [
    'node_modules/@smithy/core/dist-cjs/submodules/endpoints/index.js',
    'AWS_ENDPOINT_URL',
  ],
  AWS_ENDPOINT_URL_XRAY: [
    'node_modules/@smithy/core/dist-cjs/submodules/endpoints/index.js',
    'AWS_ENDPOINT_URL',
  ],
  ECS_CONTAINER_METADATA_URI_V4: ['src/resource/detectors/ecs.ts', 'ECS_CONTAINER_METADATA_URI_V4'],
  npm_package_name: ['src/start/resource.ts', 'npm_package_name'],
  OTEL_EXPORTER_OTLP_: [
    'node_modules/@opentelemetry/otlp-exporter-base/build/src/configuration/otlp-node-http-env-configuration.js',
    'OTEL_EXPORTER_OTLP_',
  ],
  OTEL_SEMCONV_STABILITY_OPT_IN: [
    'node_modules/@opentelemetry/instrumentation/build/src/semconvStability.js',
    'OTEL_SEMCONV_STABILITY_OPT_IN',
  ],
};

/** Variables that are not read, and why. */
const UNREAD: Readonly<Record<string, string>> = {
  OTEL_METRICS_EXPORTER: 'traces only: no metrics or logs are exported',
  OTEL_LOGS_EXPORTER: 'traces only: no metrics or logs are exported',
  AWS_XRAY_NOOP_ID: 'not needed: ids are always real',
  AWS_XRAY_NO_TRACE_ID: 'read by no X-Ray SDK',
  AWS_XRAY_URL: 'read by no X-Ray SDK',
  MYSQL_: 'versions that users type in by hand',
  POSTGRES_: 'see MYSQL_',
  DATABASE_VERSION: 'see MYSQL_',
  DRIVER_VERSION: 'see MYSQL_',
};

const variables: readonly string[] = Object.values(SETTINGS).flatMap(({ env }) => Object.keys(env));

test.for(Object.entries(READ_BY))(
  '%s is read by the file that the table names',
  ([, [file, name]]) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(name);
  },
);

describe('docs/spec/environment.md', () => {
  const text = specText('environment.md');
  const named = text
    .split('\n')
    .filter((line) => /^\| (?!variable|---)/.test(line))
    .map((line) => line.split('|')[1] ?? '')
    .flatMap(
      (cell) => cell.match(/\b(?:npm)?_?[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*\b|_[A-Z][A-Z_]+/g) ?? [],
    );

  test('lists variables', () => {
    expect(named.length).toBeGreaterThan(55);
  });

  const rest = [...new Set(named)].filter(
    (name) =>
      !variables.some(
        (variable) => variable === name || (/^_|_$/.test(name) && variable.includes(name)),
      ),
  );

  test('lists only variables that are settings, are read elsewhere, or have a reason not to be read', () => {
    expect(rest.sort()).toEqual([...Object.keys(READ_BY), ...Object.keys(UNREAD)].sort());
  });

  test.for(text.match(/\bOTEL_XRAY_\w+/g) ?? [])('%s is a setting', (variable) => {
    expect(variables).toContain(variable);
  });
});
