import type { Setting } from '../config/setting.ts';
import type { Config, SettingName, SomeSettings } from '../config/settings.ts';
import { distributionSettings } from './distribution.ts';
import { exportSettings } from './processors.ts';
import { propagators } from './propagators.ts';
import { readSetting } from './read-setting.ts';
import { resourceSettings, SERVICE_DETECTOR } from './resource.ts';
import { samplerSettings } from './sampler.ts';
import { openSection, type Section } from './section.ts';
import type { SettingsTable } from './settings-table.ts';

/** What a file of declarative configuration says, as values of our settings. */
export interface FileSettings {
  /** A value that is `undefined` is the file's as well: the setting has its default. */
  readonly values: SomeSettings;
  /** Variables that the file asks for, though it has a place for what they say. */
  readonly honoredVariables: readonly string[];
  /** One line for each part that is not understood, or means nothing here. */
  readonly problems: readonly string[];
}

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
export function settingsFromFile(document: unknown, known: SettingsTable): FileSettings {
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
    ...resourceSettings(root, known),
    ...exportSettings(root, known),
    ...samplerSettings(root),
    ...propagators(root, known),
    ...logLevel(root),
  };
  const values: SomeSettings = {
    ...made,
    ...plainSettings(root, made, known),
    ...distributionSettings(root, known),
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
function plainSettings(root: Section, made: SomeSettings, known: SettingsTable): SomeSettings {
  const rows = Object.entries(known.settings) as [SettingName, Setting<unknown>][];
  return Object.fromEntries(
    rows
      .filter(([name, { filePaths }]) => filePaths !== undefined && !(name in made))
      .map(([name, row]) => [name, firstOf(root, row, known)]),
  );
}

function firstOf(root: Section, row: Setting<unknown>, known: SettingsTable): unknown {
  // All are asked, so that none counts as unknown.
  const found = (row.filePaths ?? []).map((path) => {
    const keys = path.split('.');
    const last = keys.pop() as string;
    let section: Section | undefined = root;
    for (const key of keys) section = section?.section(key);
    return section && readSetting(section, last, row, known);
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
