/** How a handler ended; `stream` is the response stream of a streaming handler. */
export type Outcome =
  | { readonly value?: unknown; readonly stream?: unknown }
  | { readonly error: unknown };
