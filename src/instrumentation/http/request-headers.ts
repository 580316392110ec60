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

/** Copies headers in the form in which the app gives them, to which others can be added. */
export function copyHeaders(headers: Headers): object {
  return Array.isArray(headers) ? [...headers] : { ...headers };
}

/**
 * Returns the user agent of an outgoing request. The http instrumentation reads only headers that are
 * spelled in lower case.
 */
export function userAgentOf(headers: Headers | null | undefined): string | undefined {
  if (headers === null || headers === undefined) return undefined;
  const value = Array.isArray(headers)
    ? valueInArray(headers)
    : valueInObject(headers as Readonly<Record<string, unknown>>);
  return typeof value === 'string' ? value : undefined;
}

function valueInObject(headers: Readonly<Record<string, unknown>>): unknown {
  for (const name in headers) if (isUserAgent(name)) return headers[name];
  return undefined;
}

function valueInArray(headers: readonly unknown[]): unknown {
  if (Array.isArray(headers[0])) {
    return (headers as readonly unknown[][]).find(([name]) => isUserAgent(name))?.[1];
  }
  const index = headers.findIndex((name, at) => at % 2 === 0 && isUserAgent(name));
  return index < 0 ? undefined : headers[index + 1];
}

function isUserAgent(name: unknown): boolean {
  return typeof name === 'string' && name.length === 10 && name.toLowerCase() === 'user-agent';
}

/** Adds a header to a copy made by {@link copyHeaders}; replaces one of that name in an object only. */
export const headerSetter: TextMapSetter<object> = {
  set(headers, name, value) {
    if (!Array.isArray(headers)) (headers as Record<string, string>)[name] = value;
    else if (Array.isArray(headers[0])) headers.push([name, value]);
    else headers.push(name, value);
  },
};

/**
 * Makes a function with `make(...values)` when it is first called, so that the start of the app does not
 * wait for it.
 *
 * @param load returns `make`
 */
export function onFirstCall<
  Values extends readonly unknown[],
  Made extends (arg: never) => unknown,
>(
  load: () => (...values: Values) => Made,
  ...values: Values
): (arg: Parameters<Made>[0]) => ReturnType<Made> {
  let made: Made | undefined;
  return (arg) => {
    made ??= load()(...values);
    return made(arg) as ReturnType<Made>;
  };
}
