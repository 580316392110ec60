import { type Context, context, trace } from '@opentelemetry/api';
import { apply, contextStorage } from '../../context-storage.ts';
import { noteThrower } from '../spans/uncaught.ts';
import { chosenContext } from '../wrap/chosen-context.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';

/**
 * Wraps a function of the app whose wrapper only chooses the context that it runs in. The function
 * is called after the wrapper has returned, so that no code around it catches its errors: Node then
 * prints an error that ends the app with the line that threw it, and with few frames of ours.
 *
 * @param isWanted whether the wrapper is needed for these arguments
 */
export function contextOnlyWrapper(
  instrumentation: string,
  wrapper: (original: AnyFunction, name: PropertyKey) => AnyFunction,
  isWanted: (args: readonly unknown[]) => boolean,
): (original: AnyFunction, name: PropertyKey) => AnyFunction {
  return (original, name) => {
    let chosen: Context | undefined;
    const wrapped = wrapper(() => {
      chosen = chosenContext() ?? context.active();
    }, name);
    // Its name is in stack traces.
    const replacement = {
      [name as string](this: unknown, ...args: unknown[]): unknown {
        if (!isWanted(args)) return original.apply(this, args);
        chosen = undefined;
        attempt(instrumentation, () => wrapped.apply(this, args));
        const own: Context | undefined = chosen;
        if (own === undefined) return original.apply(this, args);
        let hasReturned = false;
        try {
          const storage = contextStorage();
          const result =
            storage === undefined
              ? context.with(own, original, this, ...args)
              : storage.run(own, apply, original, this, args);
          hasReturned = true;
          return result;
        } finally {
          if (!hasReturned) noteThrower(trace.getSpan(own));
        }
      },
    }[name as string] as AnyFunction;
    return like(original, replacement);
  };
}
