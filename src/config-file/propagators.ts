import type { SettingsTable } from '../config/file-reader.ts';
import type { PropagatorName, SomeSettings } from '../config/settings.ts';
import type { Section } from './section.ts';

/** Reads `propagator`: the names in `composite`, then the additional ones in `composite_list`. */
export function propagators(root: Section, table: SettingsTable): SomeSettings {
  const section = root.section('propagator');
  const listed = section?.sections('composite');
  const text = section?.value('composite_list');
  if (section === undefined || (listed === undefined && text === undefined)) return {};
  const names = [
    ...(listed ?? []).flatMap(({ keys }) => keys),
    ...String(text ?? '').split(','),
  ].filter((name) => name.trim() !== '');
  for (const each of listed ?? []) for (const key of each.keys) each.value(key);
  const found = names.flatMap((name) => propagator(section, name.trim(), table));
  return { propagators: found.length === 0 ? undefined : [...new Set(found)] };
}

function propagator(
  section: Section,
  name: string,
  { settings }: SettingsTable,
): readonly PropagatorName[] {
  try {
    return settings.propagators.env['OTEL_PROPAGATORS']?.(name) ?? [];
  } catch (error) {
    section.warn(
      `${section.path}: ${JSON.stringify(name)} is ignored: ${(error as Error).message}`,
    );
    return [];
  }
}
