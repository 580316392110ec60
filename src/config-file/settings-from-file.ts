import type { FileSettings, SettingsTable } from '../config/file-reader.ts';
import type { Setting } from '../config/setting.ts';
import type { Config, SettingName, SomeSettings } from '../config/settings.ts';
import { withoutUserInfo } from '../config/user-info.ts';
import { distributionSettings } from './distribution.ts';
import { exportSettings } from './processors.ts';
import { propagators } from './propagators.ts';
import { readSetting } from './read-setting.ts';
import { resourceSettings, SERVICE_DETECTOR } from './resource.ts';
import { samplerSettings } from './sampler.ts';
import { openSection, type Section } from './section.ts';

/** Sections for other signals. They are ignored without a warning, since files may be shared. */
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
 * Converts an OpenTelemetry declarative configuration to settings of otel-xray.
 *
 * Unsupported parts are reported as problems. The other parts apply.
 *
 * @param document the parsed YAML or JSON, with variable references replaced
 * @throws {TypeError} if it is not a configuration document, or of another major version
 * @see https://github.com/open-telemetry/opentelemetry-configuration
 */
export function settingsFromFile(document: unknown, table: SettingsTable): FileSettings {
  const problems: string[] = [];
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new TypeError('expected a mapping with file_format');
  }
  const root = openSection(document, '', (problem) => problems.push(withoutUserInfo(problem)));
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
  // The schema's detector `service` reads this variable.
  const usesServiceName = values.resourceDetectors?.includes(SERVICE_DETECTOR) ?? false;
  return { values, honoredVariables: usesServiceName ? ['OTEL_SERVICE_NAME'] : [], problems };
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

/** Reads the settings that correspond to one field, at the paths in the settings table. */
function plainSettings(root: Section, made: SomeSettings, table: SettingsTable): SomeSettings {
  const rows = Object.entries(table.settings) as [SettingName, Setting<unknown>][];
  return Object.fromEntries(
    rows
      .filter(([name, { filePaths }]) => filePaths !== undefined && !(name in made))
      .map(([name, row]) => [name, firstOf(root, row, table)]),
  );
}

function firstOf(root: Section, row: Setting<unknown>, table: SettingsTable): unknown {
  // Read all paths, so that none of them is reported as unsupported.
  const found = (row.filePaths ?? []).map((path) => {
    const keys = path.split('.');
    const last = keys.pop() as string;
    let section: Section | undefined = root;
    for (const key of keys) section = section?.section(key);
    return section && readSetting(section, last, row, table);
  });
  return found.find((value) => value !== undefined);
}

/** The severities of the schema, which have four steps each. Mapped to those of the JS API. */
const SEVERITY = /^(trace|debug|info|warn|error|fatal)[1-4]?$/i;
const LEVELS: Readonly<Record<string, Config['logLevel']>> = { trace: 'verbose', fatal: 'error' };

function logLevel(root: Section): SomeSettings {
  const [, severity] = SEVERITY.exec(String(root.value('log_level'))) ?? [];
  if (severity === undefined) return {};
  const level = severity.toLowerCase();
  return { logLevel: LEVELS[level] ?? (level as Config['logLevel']) };
}
