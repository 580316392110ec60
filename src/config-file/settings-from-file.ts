import type { FileSettings, SettingsTable } from '../config/file-reader.ts';
import type { Setting } from '../config/setting.ts';
import type { Config, SettingName, SomeSettings } from '../config/settings.ts';
import { distributionSettings } from './distribution.ts';
import { exportSettings } from './processors.ts';
import { propagators } from './propagators.ts';
import { readSetting } from './read-setting.ts';
import { resourceSettings, SERVICE_DETECTOR } from './resource.ts';
import { samplerSettings } from './sampler.ts';
import { openSection, type Section } from './section.ts';

/** Parts that mean nothing to us and are nobody's mistake: a file may serve several programs. */
const OTHERS_PARTS: readonly string[] = ['meter_provider', 'logger_provider'];
const OTHER_LANGUAGES: readonly string[] = [
  'cpp',
  'dotnet',
  'erlang',
  'go',
  'java',
  'php',
  'python',
  'ruby',
  'rust',
  'swift',
];

/**
 * Translates a document of OpenTelemetry's declarative configuration into our settings.
 *
 * Each part that is not supported is named, and the rest is in force.
 *
 * @param document as YAML or JSON was read, references to variables replaced
 * @throws {TypeError} when it is no such document, or one of another major version
 * @see https://github.com/open-telemetry/opentelemetry-configuration
 */
export function settingsFromFile(document: unknown, table: SettingsTable): FileSettings {
  const problems: string[] = [];
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new TypeError('expected a mapping with file_format');
  }
  const root = openSection(document, '', (problem) => problems.push(problem));
  checkVersion(root);
  for (const part of OTHERS_PARTS) root.value(part);
  const instrumentation = root.section('instrumentation/development');
  for (const language of OTHER_LANGUAGES) instrumentation?.value(language);

  const made: SomeSettings = {
    ...resourceSettings(root, table),
    ...exportSettings(root, table),
    ...samplerSettings(root),
    ...propagators(root, table),
    ...logLevel(root),
  };
  const values: SomeSettings = {
    ...made,
    ...plainSettings(root, made, table),
    ...distributionSettings(root, table),
  };
  root.warnUnused();
  // The schema's detector `service` reads it.
  const asksForName = values.resourceDetectors?.includes(SERVICE_DETECTOR) ?? false;
  return { values, honoredVariables: asksForName ? ['OTEL_SERVICE_NAME'] : [], problems };
}

/** @see https://github.com/open-telemetry/opentelemetry-configuration/blob/main/VERSIONING.md */
function checkVersion(root: Section): void {
  const version = root.value('file_format');
  if (version === undefined) {
    root.warn('file_format is missing; 1.0 is assumed');
  } else if (!/^1(?:\.|$)/.test(String(version))) {
    throw new TypeError(`file_format ${JSON.stringify(version)}: versions 1.x are supported`);
  }
}

/** Settings that are one field each, by the places that their rows name. */
function plainSettings(root: Section, made: SomeSettings, table: SettingsTable): SomeSettings {
  const rows = Object.entries(table.settings) as [SettingName, Setting<unknown>][];
  return Object.fromEntries(
    rows
      .filter(([name, { filePaths }]) => filePaths !== undefined && !(name in made))
      .map(([name, row]) => [name, firstOf(root, row, table)]),
  );
}

function firstOf(root: Section, row: Setting<unknown>, table: SettingsTable): unknown {
  // All are asked, so that none counts as unknown.
  const found = (row.filePaths ?? []).map((path) => {
    const keys = path.split('.');
    const last = keys.pop() as string;
    let section: Section | undefined = root;
    for (const key of keys) section = section?.section(key);
    return section && readSetting(section, last, row, table);
  });
  return found.find((value) => value !== undefined);
}

/** Severities of the schema have four steps each; ours are those of OpenTelemetry for JavaScript. */
const SEVERITY = /^(trace|debug|info|warn|error|fatal)[1-4]?$/i;
const LEVELS: Readonly<Record<string, Config['logLevel']>> = { trace: 'verbose', fatal: 'error' };

function logLevel(root: Section): SomeSettings {
  const [, severity] = SEVERITY.exec(String(root.value('log_level'))) ?? [];
  if (severity === undefined) return {};
  const level = severity.toLowerCase();
  return { logLevel: LEVELS[level] ?? (level as Config['logLevel']) };
}
