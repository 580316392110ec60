import { diag, type TextMapPropagator } from '@opentelemetry/api';
import { warnOnce } from '../diagnostics.ts';

/** Makes the propagator of a name. */
export type PropagatorFactory = () => TextMapPropagator;

/** X-Ray last: of two parents the last one wins, and AWS hops renew only X-Ray's header. */
export const DEFAULT_PROPAGATORS: readonly string[] = ['baggage', 'tracecontext', 'xray'];

/**
 * The propagator for a value of `OTEL_PROPAGATORS`, in any case; no names mean the default, and
 * `none` among others is left out with them. An unknown name is said once and left out.
 *
 * @param factories what each name makes, beside this package's own names
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
      if (factory !== undefined) return factory();
      const known = Object.keys(factories).join(', ');
      warnOnce(`OTEL_PROPAGATORS: unknown name ${JSON.stringify(name)}; known are ${known}, none`);
      return [];
    }),
  );
}

/** Asks each in turn; one that throws takes nothing from the others and nothing from the app. */
function inTurn(propagators: readonly TextMapPropagator[]): TextMapPropagator {
  return {
    inject(context, carrier, setter) {
      for (const propagator of propagators) {
        guarded(() => propagator.inject(context, carrier, setter), undefined);
      }
    },
    extract: (context, carrier, getter) =>
      propagators.reduce(
        (found, propagator) => guarded(() => propagator.extract(found, carrier, getter), found),
        context,
      ),
    fields: () => [...new Set(propagators.flatMap((propagator) => propagator.fields()))],
  };
}

function guarded<T>(run: () => T, fallback: T): T {
  try {
    return run();
  } catch (error) {
    diag.debug(`otel-xray: a propagator threw: ${String(error)}`);
    return fallback;
  }
}
