import type { Setting } from './setting.ts';
import { DOCUMENTS, type DocumentSettings } from './settings/documents.ts';
import { EXPORT, type ExportSettings } from './settings/export.ts';
import { INSTRUMENTATION, type InstrumentationSettings } from './settings/instrumentation.ts';
import { LIMITS, type LimitSettings } from './settings/limits.ts';
import { SAMPLING, type SamplingSettings } from './settings/sampling.ts';
import { SERVICE, type ServiceSettings } from './settings/service.ts';

export type { Setting } from './setting.ts';
export type { ExporterName } from './settings/export.ts';
export type { PropagatorName } from './settings/instrumentation.ts';
export type { SamplerName } from './settings/sampling.ts';
export type { LogLevel } from './settings/service.ts';

/** The configuration in force; docs/settings.md describes each value. */
export interface Config
  extends ServiceSettings,
    ExportSettings,
    SamplingSettings,
    InstrumentationSettings,
    DocumentSettings,
    LimitSettings {}

export type SettingName = keyof Config;

/** Values of some settings; `undefined` means unset. */
export type SomeSettings = { readonly [Name in SettingName]?: Config[Name] | undefined };

/**
 * Every environment variable we read, one row each, in the order in which docs/settings.md shows them.
 *
 * Names that OpenTelemetry or the X-Ray SDKs define keep their exact meaning. Where both families
 * speak, the first name of the row wins.
 *
 * @see docs/spec/environment.md
 */
export const SETTINGS: { readonly [Name in SettingName]: Setting<Config[Name]> } = {
  ...SERVICE,
  ...EXPORT,
  ...SAMPLING,
  ...INSTRUMENTATION,
  ...DOCUMENTS,
  ...LIMITS,
};
