import { diag, type TextMapPropagator } from '@opentelemetry/api';
import { warnOnce } from '../diagnostics.ts';
import { untraced } from '../untraced.ts';

/** Creates the propagator of a name. */
export type PropagatorFactory = () => TextMapPropagator;

/** `xray` is last because the last parent wins, and AWS services update only the X-Ray header. */
export const DEFAULT_PROPAGATORS: readonly ('baggage' | 'tracecontext' | 'xray')[] = [
  'baggage',
  'tracecontext',
  'xray',
];

/**
 * Returns the propagator for the names in `OTEL_PROPAGATORS`, which are case-insensitive. No names
 * select the default; `none` anywhere disables propagation. An unknown name logs one warning and is
 * skipped.
 *
 * @param factories creates the propagator of each known name
 */
export function propagatorFromNames(
  names: readonly string[],
  factories: Readonly<Record<string, PropagatorFactory>>,
): TextMapPropagator {
  const wanted = names.map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
  if (wanted.includes('none')) return inTurn([]);
  const list = wanted.length === 0 ? DEFAULT_PROPAGATORS : [...new Set(wanted)];
  return inTurn(
    list.flatMap((name) => {
      const factory = Object.hasOwn(factories, name) ? factories[name] : undefined;
      if (factory !== undefined) return factory;
      const known = Object.keys(factories).join(', ');
      warnOnce(
        `OTEL_PROPAGATORS: unknown propagator ${JSON.stringify(name)} is ignored; expected ${known} or none`,
      );
      return [];
    }),
  );
}

/**
 * Runs propagators in order. An error in one affects neither the others nor the app.
 *
 * They are created with the first request, because a start needs none of their code.
 */
function inTurn(factories: readonly PropagatorFactory[]): TextMapPropagator {
  let created: readonly TextMapPropagator[] | undefined;
  let fields: readonly string[] | undefined;
  const propagators = (): readonly TextMapPropagator[] => {
    // Loads files, which the instrumentation of `fs` would trace.
    created ??= untraced(() => factories.flatMap((create) => guarded(() => [create()], [])));
    return created;
  };
  return {
    inject(context, carrier, setter) {
      for (const propagator of propagators()) {
        guarded(() => propagator.inject(context, carrier, setter), undefined);
      }
    },
    extract: (context, carrier, getter) =>
      propagators().reduce(
        (found, propagator) => guarded(() => propagator.extract(found, carrier, getter), found),
        context,
      ),
    fields() {
      fields ??= [...new Set(propagators().flatMap((propagator) => propagator.fields()))];
      return fields.slice();
    },
  };
}

function guarded<T>(run: () => T, fallback: T): T {
  try {
    return run();
  } catch (error) {
    diag.debug(`otel-xray: propagator failed: ${String(error)}`);
    return fallback;
  }
}
