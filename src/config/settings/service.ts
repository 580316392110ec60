import type { Attributes } from '@opentelemetry/api';
import { parseKeyValueList } from '../../key-value-list.ts';
import { parseBoolean, parseList, parseOneOf, parseText } from '../parse.ts';
import type { Rows } from '../setting.ts';

/** Log levels of OpenTelemetry. */
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all';

const X_RAY_LEVELS: Readonly<Record<string, LogLevel>> = { silent: 'none' };
const xrayLevel = parseOneOf('debug', 'info', 'warn', 'error', 'silent');

/** The X-Ray SDK for Python's words for off and on. */
const OFF = ['n', 'no', 'f', 'false', 'off', '0'];
const ON = ['y', 'yes', 't', 'true', 'on', '1'];

function parseEnabled(text: string): boolean {
  const word = text.toLowerCase();
  if (OFF.includes(word)) return false;
  if (ON.includes(word)) return true;
  throw new TypeError(`expected one of ${[...ON, ...OFF].join(', ')}`);
}

/** Settings of the service, and the log level. */
export interface ServiceSettings {
  readonly disabled: boolean;
  readonly serviceName: string | undefined;
  readonly tracingName: string | undefined;
  readonly resourceAttributes: Readonly<Attributes>;
  readonly resourceDetectors: readonly string[];
  readonly configFile: string | undefined;
  readonly contextMissing: 'LOG_ERROR' | 'RUNTIME_ERROR' | 'IGNORE_ERROR';
  readonly logLevel: LogLevel;
}

export const SERVICE: Rows<ServiceSettings> = {
  disabled: {
    env: {
      OTEL_SDK_DISABLED: parseBoolean,
      AWS_XRAY_SDK_ENABLED: (text) => !parseEnabled(text),
    },
    filePaths: ['disabled'],
    fallback: false,
    description: 'Turns tracing off: no hooks, sockets or timers.',
  },
  serviceName: {
    env: { OTEL_SERVICE_NAME: parseText },
    filePaths: ['resource.attributes'],
    fallback: undefined,
    defaultLabel: '`service.name` of the resource, `AWS_XRAY_TRACING_NAME`, npm package name',
    description: 'Name of the service and of its segments.',
  },
  tracingName: {
    env: { AWS_XRAY_TRACING_NAME: parseText },
    fallback: undefined,
    description: 'Service name of the X-Ray SDKs, used if `OTEL_SERVICE_NAME` is not set.',
  },
  resourceAttributes: {
    env: { OTEL_RESOURCE_ATTRIBUTES: parseKeyValueList },
    filePaths: ['resource.attributes', 'resource.attributes_list'],
    fallback: {},
    defaultLabel: '',
    description: 'Resource attributes: `key=value,key=value`.',
  },
  resourceDetectors: {
    env: { OTEL_NODE_RESOURCE_DETECTORS: parseList },
    filePaths: ['resource.detection/development.detectors'],
    fallback: ['env', 'process', 'host', 'aws'],
    description: 'Resource detectors (list); see docs/platforms.md.',
  },
  configFile: {
    env: { OTEL_CONFIG_FILE: parseText, OTEL_EXPERIMENTAL_CONFIG_FILE: parseText },
    fallback: undefined,
    description: 'Declarative configuration file, YAML or JSON; see docs/configuration-file.md.',
  },
  contextMissing: {
    env: {
      AWS_XRAY_CONTEXT_MISSING: parseOneOf('LOG_ERROR', 'RUNTIME_ERROR', 'IGNORE_ERROR'),
    },
    fallback: 'LOG_ERROR',
    description:
      'Behavior of helpers such as `addAnnotation` outside a trace: `LOG_ERROR`, `RUNTIME_ERROR`, `IGNORE_ERROR`.',
  },
  logLevel: {
    env: {
      OTEL_LOG_LEVEL: parseOneOf('none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'),
      AWS_XRAY_DEBUG_MODE: () => 'debug',
      AWS_XRAY_LOG_LEVEL: (text) => {
        const level = xrayLevel(text);
        return X_RAY_LEVELS[level] ?? (level as LogLevel);
      },
    },
    filePaths: ['log_level'],
    fallback: 'warn',
    description:
      'Log level on standard error: `none`, `error`, `warn`, `info`, `debug`, `verbose`, `all`.',
  },
};
