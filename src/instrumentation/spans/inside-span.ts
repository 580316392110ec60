import {
  type Context,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';

/** The key under which a context has its span. */
const SPAN_KEY = spanKey();

/**
 * A context with another span. Contexts of the API copy all their values, which takes a tenth of the time of a
 * span in the channel of a library.
 */
class InsideSpan implements Context {
  readonly #outer: Context;
  readonly #span: Span;

  constructor(outer: Context, span: Span) {
    // Contexts inside each other would keep all their spans.
    this.#outer = #outer in outer ? outer.#outer : outer;
    this.#span = span;
  }

  getValue(key: symbol): unknown {
    return key === SPAN_KEY ? this.#span : this.#outer.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#copy().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#copy().deleteValue(key);
  }

  #copy(): Context {
    return trace.setSpan(this.#outer, this.#span);
  }
}

/** Returns `trace.setSpan(outer, span)`, for a context that is mostly read. */
export function insideSpan(outer: Context, span: Span): Context {
  return new InsideSpan(outer, span);
}

/** The API does not export it. */
function spanKey(): symbol | undefined {
  let found: symbol | undefined;
  const reading: Context = {
    getValue: () => undefined,
    setValue(key) {
      found = key;
      return ROOT_CONTEXT;
    },
    deleteValue: () => ROOT_CONTEXT,
  };
  trace.setSpan(reading, trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
  return found;
}
