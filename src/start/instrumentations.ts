import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { docsUrl } from '../docs-url.ts';
import { OFF_BY_DEFAULT } from '../instrumentation/off-by-default.ts';
import { OUTSIDE_TABLE } from '../instrumentation/outside-table.ts';
import { INSTRUMENTATIONS } from '../instrumentation/table.ts';

/**
 * Returns which instrumentations may load, by `OTEL_NODE_ENABLED_INSTRUMENTATIONS` and
 * `OTEL_NODE_DISABLED_INSTRUMENTATIONS`; the latter takes precedence. Unknown names log one warning.
 */
export function enabledInstrumentations(config: Config): (name: string) => boolean {
  const { enabledInstrumentations: enabled, disabledInstrumentations: disabled } = config;
  warnUnknown('OTEL_NODE_ENABLED_INSTRUMENTATIONS', enabled ?? []);
  warnUnknown('OTEL_NODE_DISABLED_INSTRUMENTATIONS', disabled);
  const isOn = (name: string): boolean => enabled?.includes(name) ?? !OFF_BY_DEFAULT.includes(name);
  return (name) => isOn(name) && !disabled.includes(name);
}

function warnUnknown(variable: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const known = [...OUTSIDE_TABLE, ...INSTRUMENTATIONS.map(({ name }) => name)];
  const unknown = names.filter((name) => !known.includes(name)).map((name) => JSON.stringify(name));
  if (unknown.length === 0) return;
  warnOnce(
    `${variable}: unknown instrumentation ${unknown.join(', ')} is ignored; the names are listed in ` +
      docsUrl('instrumentations'),
  );
}
