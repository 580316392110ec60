import type { SettingsTable } from '../config/file-reader.ts';
import type { Config, ExporterName, SomeSettings } from '../config/settings.ts';
import { readSetting } from './read-setting.ts';
import { quoted, type Section } from './section.ts';

type Numbers = Pick<
  Config,
  'scheduleDelayMs' | 'exportTimeoutMs' | 'maxQueueSize' | 'maxExportBatchSize'
>;

/** Fields of a batch processor. All exporters of otel-xray share one set of values. */
const NUMBERS = {
  schedule_delay: 'scheduleDelayMs',
  export_timeout: 'exportTimeoutMs',
  max_queue_size: 'maxQueueSize',
  max_export_batch_size: 'maxExportBatchSize',
} as const;

/** The defaults. They are part of the file, so that environment variables do not apply. */
const UNSET = {
  exporters: undefined,
  scheduleDelayMs: undefined,
  exportTimeoutMs: undefined,
  maxQueueSize: undefined,
  maxExportBatchSize: undefined,
};

interface Processor {
  readonly section: Section;
  readonly exporter: ExporterName;
  readonly numbers: Partial<Numbers>;
  readonly values: SomeSettings;
}

/** Reads `tracer_provider.processors`: the exporters and the batch settings. */
export function exportSettings(root: Section, table: SettingsTable): SomeSettings {
  const listed = root.section('tracer_provider')?.sections('processors');
  if (listed === undefined) return UNSET;
  if (listed.length === 0) return { ...UNSET, exporters: ['none'] };
  const processors = listed.flatMap((each) => processor(each, table));
  const [first] = processors;
  if (first === undefined) {
    root.warn('tracer_provider.processors: no supported exporter; using xray');
    return UNSET;
  }
  // All exporters use the batch settings of the X-Ray exporter, if there is one.
  const leading = processors.find(({ exporter }) => exporter === 'xray') ?? first;
  for (const { section, numbers } of processors) {
    if (section !== leading.section && differ(numbers, leading.numbers)) {
      section.warn(
        `${section.path}: batch settings are ignored; those of ${leading.section.path} apply`,
      );
    }
  }
  const exporters = [...new Set(processors.map(({ exporter }) => exporter))];
  const values = Object.assign({}, ...processors.map((each) => each.values));
  return { ...UNSET, ...leading.numbers, ...values, exporters };
}

function differ(some: Partial<Numbers>, others: Partial<Numbers>): boolean {
  return Object.entries(some).some(([name, value]) => others[name as keyof Numbers] !== value);
}

/** Reads a mapping with one key, the kind of processor. Returns an empty list if unsupported. */
function processor(each: Section, table: SettingsTable): readonly Processor[] {
  const batch = each.section('batch');
  const section = batch ?? each.section('simple');
  const exporter = section?.section('exporter');
  if (section === undefined || exporter === undefined) return [];
  const found = EXPORTERS.find(([key]) => exporter.keys.includes(key));
  const config = found && exporter.section(found[0]);
  if (found === undefined || config === undefined) return [];
  const [, name, read] = found;
  const values = read(config, table);
  const numbers = batch ? batchNumbers(batch, table) : name === 'xray' ? NO_DELAY : {};
  return [{ section, exporter: name, numbers, values }];
}

/** A `simple` processor exports each span immediately. */
const NO_DELAY: Partial<Numbers> = { scheduleDelayMs: 0 };

function batchNumbers(batch: Section, table: SettingsTable): Partial<Numbers> {
  return Object.fromEntries(
    Object.entries(NUMBERS)
      .map(([key, name]) => [name, readSetting(batch, key, table.settings[name], table)])
      .filter(([, value]) => value !== undefined),
  );
}

type ExporterRow = readonly [
  key: string,
  name: ExporterName,
  read: (config: Section, table: SettingsTable) => SomeSettings,
];

/** Exporters by their key in the schema. `xray` is an addition of otel-xray. */
const EXPORTERS: readonly ExporterRow[] = [
  ['xray', 'xray', xrayOptions],
  ['otlp_http', 'otlp', (config, table) => ({ otlpExporter: otlpOptions(config, table) })],
  ['console', 'console', () => ({})],
];

function xrayOptions(config: Section, table: SettingsTable): SomeSettings {
  const daemonAddress = readSetting(config, 'daemon_address', table.settings.daemonAddress, table);
  return daemonAddress === undefined ? {} : { daemonAddress };
}

/** The default of the schema. Set explicitly, so that `OTEL_EXPORTER_OTLP_ENDPOINT` is ignored. */
const OTLP_URL = 'http://localhost:4318/v1/traces';

function otlpOptions(config: Section, table: SettingsTable): NonNullable<Config['otlpExporter']> {
  const timeout = config.value('timeout');
  const compression = config.value('compression');
  const encoding = config.value('encoding') ?? 'protobuf';
  const hasTime = typeof timeout === 'number' && timeout >= 0;
  if (timeout !== undefined && !hasTime) {
    config.warn(`${config.at('timeout')}: ${quoted(timeout)} is not a number of milliseconds`);
  }
  if (encoding !== 'protobuf') {
    config.warn(`${config.at('encoding')}: ${quoted(encoding)} is not supported; using protobuf`);
  }
  return {
    url: String(config.value('endpoint') ?? OTLP_URL),
    headers: { ...listedHeaders(config, table), ...namedHeaders(config) },
    ...(hasTime && { timeoutMillis: timeout }),
    ...(compression !== undefined && { compression: compression === 'gzip' ? 'gzip' : 'none' }),
  };
}

function listedHeaders(
  config: Section,
  { settings }: SettingsTable,
): Readonly<Record<string, string>> {
  const text = config.value('headers_list');
  if (text === undefined) return {};
  try {
    const pairs = settings.resourceAttributes.env['OTEL_RESOURCE_ATTRIBUTES']?.(String(text));
    return pairs as Readonly<Record<string, string>>;
  } catch (error) {
    // The value is not logged, since it may contain a secret.
    config.warn(`${config.at('headers_list')}: ${(error as Error).message}`);
    return {};
  }
}

function namedHeaders(config: Section): Readonly<Record<string, string>> {
  const pairs = (config.sections('headers') ?? []).map((header) => [
    header.value('name'),
    header.value('value'),
  ]);
  return Object.fromEntries(pairs.filter((pair) => pair.every((part) => typeof part === 'string')));
}
