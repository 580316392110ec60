import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { INSTRUMENTATIONS } from '../instrumentation/table.ts';

/** Ours beside those of the table. */
const OWN = ['sqlite'];

/**
 * Load only when enabled by name: they make many spans that say little, and `router` makes each
 * layer of Express 5 a second time.
 *
 * @see docs/spec/packaging.md section 3.2
 */
export const OFF_BY_DEFAULT: readonly string[] = [
  'dns',
  'fs',
  'generic-pool',
  'lru-memoizer',
  'net',
  'router',
];

/**
 * Which instrumentations may load, after `OTEL_NODE_ENABLED_INSTRUMENTATIONS` and
 * `OTEL_NODE_DISABLED_INSTRUMENTATIONS`, of which the second wins. Names that do not exist are said
 * once.
 */
export function enabledInstrumentations(config: Config): (name: string) => boolean {
  const { enabledInstrumentations: enabled, disabledInstrumentations: disabled } = config;
  const known = [...OWN, ...INSTRUMENTATIONS.map(({ name }) => name)];
  warnUnknown('OTEL_NODE_ENABLED_INSTRUMENTATIONS', enabled ?? [], known);
  warnUnknown('OTEL_NODE_DISABLED_INSTRUMENTATIONS', disabled, known);
  const on = new Set(enabled ?? known.filter((name) => !OFF_BY_DEFAULT.includes(name)));
  for (const name of disabled) on.delete(name);
  return (name) => on.has(name);
}

function warnUnknown(variable: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name)).map((name) => JSON.stringify(name));
  if (unknown.length === 0) return;
  warnOnce(
    `${variable}: there is no instrumentation ${unknown.join(', ')}; the other names are used. ` +
      'They are listed in docs/instrumentations.md',
  );
}
