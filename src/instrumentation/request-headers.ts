import type { TextMapSetter } from '@opentelemetry/api';

/**
 * Used by the build in the http instrumentation: `scripts/build/patch-http.ts`.
 *
 * Headers of an outgoing request: an object, an array of names and values in turn, or an array of
 * pairs.
 *
 * @see https://nodejs.org/api/http.html#httprequesturl-options-callback
 */
type Headers = Readonly<Record<string, unknown>> | readonly unknown[];

/** Headers in the form in which the app gives them, to which others can be added. */
export function copyHeaders(headers: Headers): object {
  return Array.isArray(headers) ? [...headers] : { ...headers };
}

/** Adds a header to a copy made by {@link copyHeaders}; replaces one of that name in an object only. */
export const headerSetter: TextMapSetter<object> = {
  set(headers, name, value) {
    if (!Array.isArray(headers)) (headers as Record<string, string>)[name] = value;
    else if (Array.isArray(headers[0])) headers.push([name, value]);
    else headers.push(name, value);
  },
};
