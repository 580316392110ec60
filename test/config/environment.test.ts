import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import { hasShared, sharedPath } from '../support/shared.ts';

/** Every variable of `spec/environment.md` that is no row of `SETTINGS`: who reads it, or why nobody does. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  OTEL_EXPORTER_OTLP_: 'read by the app’s own package of the OTLP exporter',
  OTEL_SEMCONV_STABILITY_OPT_IN: 'read by the instrumentations',
  OTEL_METRICS_EXPORTER: 'traces only: nothing is exported, whatever it says',
  OTEL_LOGS_EXPORTER: 'traces only: nothing is exported, whatever it says',
  NODE_OPTIONS: 'read by Node; docs/places.md',
  AWS_XRAY_MANUAL_MODE: 'src/start.ts says that it means nothing here',
  AWS_XRAY_NOOP_ID: 'not needed: ids are always real',
  AWS_XRAY_NO_TRACE_ID: 'read by no X-Ray SDK',
  AWS_XRAY_URL: 'read by no X-Ray SDK',
  DRIVER_VERSION: 'with MYSQL_ or POSTGRES_: the X-Ray SDK for Node.js no longer reads them',
  DATABASE_VERSION: 'with MYSQL_ or POSTGRES_: the X-Ray SDK for Node.js no longer reads them',
  MYSQL_: 'see DRIVER_VERSION',
  POSTGRES_: 'see DRIVER_VERSION',
  _X_AMZN_TRACE_ID: 'src/propagation/lambda.ts',
  LAMBDA_TASK_ROOT: 'src/lambda/mode.ts asks for the name of the function',
  AWS_LAMBDA_FUNCTION_NAME: 'src/lambda/mode.ts',
  AWS_LAMBDA_LOG_GROUP_NAME: 'src/resource/detectors/lambda.ts',
  _LOG_STREAM_NAME: 'src/resource/detectors/lambda.ts',
  _FUNCTION_VERSION: 'src/resource/detectors/lambda.ts',
  AWS_REGION: 'src/resource/detectors',
  AWS_EXECUTION_ENV: 'src/resource/detectors/lambda.ts',
  ECS_CONTAINER_METADATA_URI_V4: 'src/resource/detectors/ecs.ts',
  npm_package_name: 'src/start/resource.ts',
  _version: 'npm’s version of the package says nothing of what is deployed',
};

/** What section 3 asks for in words, and the variable it became. */
const OURS: Readonly<Record<string, string>> = {
  'annotations list with `*` and alias (`a': 'OTEL_XRAY_ANNOTATIONS',
  'b=c`)': 'OTEL_XRAY_ANNOTATIONS',
  'ignore paths': 'OTEL_XRAY_IGNORE_PATHS',
  'AWS parameter allow-list file': 'OTEL_XRAY_AWS_PARAMETERS',
  'local sampling rules file': 'OTEL_XRAY_SAMPLING_RULES',
  'dynamic naming pattern': 'OTEL_XRAY_DYNAMIC_NAMING',
  'log correlation on/off': 'OTEL_XRAY_LOG_TRACE_ID',
  'log group names': 'OTEL_XRAY_LOG_GROUP',
  'document dump (`stdout` or file)': 'OTEL_XRAY_DUMP',
  'strict validator on/off': 'OTEL_XRAY_VALIDATE',
  'dev viewer on/off': 'the command `otel-xray dev`',
};

const variables: readonly string[] = Object.values(SETTINGS).flatMap(({ env }) => Object.keys(env));

describe.skipIf(!hasShared('spec/environment.md'))('spec/environment.md', () => {
  const text = hasShared('spec/environment.md')
    ? readFileSync(sharedPath('spec/environment.md'), 'utf8')
    : '';
  const named = text
    .split('\n')
    .filter((line) => /^\| (?!variable|---)/.test(line))
    .map((line) => line.split('|')[1] ?? '')
    .flatMap(
      (cell) => cell.match(/\b(?:npm)?_?[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*\b|_[A-Z][A-Z_]+/g) ?? [],
    );

  test('names variables', () => {
    expect(named.length).toBeGreaterThan(55);
  });

  test.for([...new Set(named)])('%s is a setting, or it is said why it is none', (name) => {
    const isSetting = variables.some(
      (variable) => variable === name || (/^_|_$/.test(name) && variable.includes(name)),
    );
    expect(isSetting || Object.hasOwn(ELSEWHERE, name)).toBe(true);
  });

  test.for(
    text
      .slice(text.lastIndexOf('\n', text.trimEnd().length - 1))
      .trim()
      .split(','),
  )('section 3: %s', (wish) => {
    const variable = OURS[wish.trim().replace(/\.$/, '')];
    expect([...variables, 'the command `otel-xray dev`']).toContain(variable);
  });
});
