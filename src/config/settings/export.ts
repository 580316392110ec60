import {
  type DaemonAddress,
  DEFAULT_DAEMON,
  endpointText,
  parseDaemonAddress,
} from '../../daemon-address.ts';
import {
  parseBoolean,
  parseListOf,
  parseOneOf,
  parsePositive,
  parseText,
  parseWhole,
} from '../parse.ts';
import type { Rows } from '../setting.ts';

const count = parseWhole(1);
const delay = parseWhole(0);

const EXPORTER_NAMES = ['xray', 'otlp', 'console', 'none'] as const;
export type ExporterName = (typeof EXPORTER_NAMES)[number];

const TRANSPORT_NAMES = ['auto', 'udp', 'api'] as const;
export type TransportName = (typeof TRANSPORT_NAMES)[number];

/** As the OTLP exporters of OpenTelemetry for JavaScript take them. */
export interface OtlpExporterOptions {
  /** The whole URL, e.g. `http://localhost:4318/v1/traces`. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMillis?: number;
  readonly compression?: 'gzip' | 'none';
}

/** Where spans go, and how fast. */
export interface ExportSettings {
  readonly exporters: readonly ExporterName[];
  readonly otlpExporter: OtlpExporterOptions | undefined;
  readonly daemonAddress: DaemonAddress;
  readonly nesting: boolean;
  readonly transport: TransportName;
  readonly bytesPerMs: number;
  readonly holdBytes: number;
  readonly inProgressSeconds: number | undefined;
  readonly dump: string | undefined;
  readonly validate: boolean;
  readonly scheduleDelayMs: number;
  readonly exportTimeoutMs: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
}

export const EXPORT: Rows<ExportSettings> = {
  exporters: {
    env: { OTEL_TRACES_EXPORTER: parseListOf(...EXPORTER_NAMES) },
    filePaths: ['tracer_provider.processors'],
    fallback: ['xray'],
    description: 'Exporters (list): `xray`, `otlp`, `console`, `none`.',
  },
  otlpExporter: {
    env: {},
    fallback: undefined,
    description: 'Options of the OTLP exporter; by default it reads `OTEL_EXPORTER_OTLP_*`.',
  },
  daemonAddress: {
    env: { AWS_XRAY_DAEMON_ADDRESS: parseDaemonAddress },
    fallback: DEFAULT_DAEMON,
    defaultLabel: endpointText(DEFAULT_DAEMON.udp),
    description: 'Address of the X-Ray daemon: `host:port`, or `tcp:host:port udp:host:port`.',
  },
  transport: {
    env: { OTEL_XRAY_TRANSPORT: parseOneOf(...TRANSPORT_NAMES) },
    fallback: 'auto',
    description:
      '`udp`: the X-Ray daemon; `api`: X-Ray itself; `auto`: X-Ray itself if there is no daemon.',
  },
  nesting: {
    env: { OTEL_XRAY_NESTING: (text) => parseOneOf('on', 'off')(text) === 'on' },
    fallback: true,
    defaultLabel: 'on',
    description: '`off` sends every span as a separate document.',
  },
  bytesPerMs: {
    env: { OTEL_XRAY_BYTES_PER_MS: parseWhole(1024) },
    fallback: 32_768,
    description:
      'Limit for sent bytes per millisecond; the socket buffer of the daemon holds about 98,000.',
  },
  holdBytes: {
    env: { OTEL_XRAY_HOLD_BYTES: parseWhole(0) },
    fallback: 8_388_608,
    description:
      'Limit in bytes for documents held while the daemon is unavailable; the oldest are dropped first.',
  },
  inProgressSeconds: {
    env: { OTEL_XRAY_IN_PROGRESS_SECONDS: parsePositive },
    fallback: undefined,
    defaultLabel: 'never',
    description: 'Time after which a running span is sent as in progress, in seconds.',
  },
  dump: {
    env: { OTEL_XRAY_DUMP: parseText },
    fallback: undefined,
    description: '`stdout` or a file name: also writes every document there, as one line of JSON.',
  },
  validate: {
    env: { OTEL_XRAY_VALIDATE: parseBoolean },
    fallback: false,
    description:
      'Validates each document like X-Ray and logs each kind of problem once; for development.',
  },
  scheduleDelayMs: {
    env: { OTEL_BSP_SCHEDULE_DELAY: delay },
    filePaths: ['tracer_provider.processors'],
    fallback: 100,
    description: 'Maximum time a finished span waits for the rest of its request, in milliseconds.',
  },
  exportTimeoutMs: {
    env: { OTEL_BSP_EXPORT_TIMEOUT: count },
    filePaths: ['tracer_provider.processors'],
    fallback: 30_000,
    description: 'Time limit of a flush, in milliseconds.',
  },
  maxQueueSize: {
    env: { OTEL_BSP_MAX_QUEUE_SIZE: count },
    filePaths: ['tracer_provider.processors'],
    fallback: 2048,
    description: 'Maximum number of queued spans; further spans are dropped and counted.',
  },
  maxExportBatchSize: {
    env: { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count },
    filePaths: ['tracer_provider.processors'],
    fallback: 512,
    description: 'Maximum number of spans per batch.',
  },
};
