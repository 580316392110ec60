import { join } from 'node:path';
import type { Plugin } from 'rolldown';

/** Changes of one file of the http instrumentation. */
interface Change {
  readonly file: RegExp;
  /** Modules with the functions that the new code calls, by their names in the new code. */
  readonly helpers: Readonly<Record<string, string>>;
  readonly replacements: readonly (readonly [from: string, to: string])[];
}

const CHANGES: readonly Change[] = [
  {
    // The instrumentation takes all headers of an outgoing request for an object; of an array, which
    // Node takes as well, it made headers with the names 0, 1, 2.
    //
    // An incoming request runs in the context of its span only after the instrumentation has returned
    // (`contextOnlyWrapper`). To run part of the instrumentation in it as well took 0.7 µs: Node copies
    // a map for each change of the context.
    //
    // Whether a span has ended is a property of it: the `WeakSet` took 0.5 µs of a request.
    //
    // Without a meter provider, no clock is read and no attributes are created for metrics.
    //
    // What a request needs is loaded with the first one, in a chunk of its own: 3 million instructions of the
    // start of an app.
    file: /@opentelemetry[\\/]instrumentation-http[\\/]build[\\/]src[\\/]http\.js$/,
    helpers: {
      __headers: 'src/instrumentation/http/request-headers.ts',
      __context: 'src/instrumentation/wrap/chosen-context.ts',
      __metrics: 'src/instrumentation/wrap/measured.ts',
    },
    replacements: [
      [
        'const startTime = (0, core_1.hrTime)();',
        'const startTime = __metrics.isMeasured(instrumentation._httpServerDurationHistogram) ? (0, core_1.hrTime)() : undefined;',
      ],
      [
        'metricAttributes = Object.assign(metricAttributes, (0, utils_1.getIncomingStableRequestMetricAttributesOnResponse)(attributes));',
        'if (startTime !== undefined) metricAttributes = Object.assign(metricAttributes, (0, utils_1.getIncomingStableRequestMetricAttributesOnResponse)(attributes));',
      ],
      [
        'const duration = (0, core_1.hrTimeToMilliseconds)',
        'if (startTime === undefined) return; const duration = (0, core_1.hrTimeToMilliseconds)',
      ],
      [
        `redactedQueryParamsServer ??
                    Array.from(internal_types_1.DEFAULT_QUERY_STRINGS_TO_REDACT),`,
        // Its default is the same list, made once.
        'redactedQueryParamsServer,',
      ],
      [
        'optionsParsed.headers = Object.assign({}, optionsParsed.headers);',
        'optionsParsed.headers = __headers.copyHeaders(optionsParsed.headers);',
      ],
      [
        'api_1.propagation.inject(requestContext, optionsParsed.headers);',
        'api_1.propagation.inject(requestContext, optionsParsed.headers, __headers.headerSetter);',
      ],
      [
        `return api_1.context.with((0, core_1.setRPCMetadata)(api_1.trace.setSpan(ctx, span), rpcMetadata), () => {
                api_1.context.bind(api_1.context.active(), request);
                api_1.context.bind(api_1.context.active(), response);`,
        `const __own = (0, core_1.setRPCMetadata)(api_1.trace.setSpan(ctx, span), rpcMetadata);
            return (run => run())(() => {
                api_1.context.bind(__own, request);
                api_1.context.bind(__own, response);`,
      ],
      [
        'instrumentation._callResponseHook(span, response);',
        'instrumentation._callResponseHook(span, response, __own);',
      ],
      ['_spanNotEnded = new WeakSet();', "_spanNotEnded = Symbol('otel-xray open http span');"],
      ['this._spanNotEnded.add(span);', 'span[this._spanNotEnded] = true;'],
      ['if (!this._spanNotEnded.has(span)) {', 'if (span[this._spanNotEnded] !== true) {'],
      ['this._spanNotEnded.delete(span);', 'span[this._spanNotEnded] = false;'],
      ['_callResponseHook(span, response) {', '_callResponseHook(span, response, __own) {'],
      [
        'const utils_1 = require("./utils");',
        'let __loaded; const __utils = () => (__loaded ??= require("./utils"));',
      ],
      ['const internal_types_1 = require("./internal-types");', ''],
      ["(0, utils_1.headerCapture)('", "__headers.onFirstCall(() => __utils().headerCapture, '"],
      ['(0, utils_1.', '(0, __utils().'],
      [
        'this.getConfig().responseHook(span, response)',
        'this.getConfig().responseHook(span, response, __own)',
      ],
      [
        'return (0, instrumentation_1.safeExecuteInTheMiddle)(() => original.apply(this, [event, ...args]), error => {',
        'return (0, instrumentation_1.safeExecuteInTheMiddle)(() => __context.choose(__own, () => original.apply(this, [event, ...args])), error => {',
      ],
    ],
  },
  {
    // It parses the URL of each incoming request, and its query twice: 1.4 µs of a request with a query.
    file: /@opentelemetry[\\/]instrumentation-http[\\/]build[\\/]src[\\/]utils\.js$/,
    helpers: { __target: 'src/instrumentation/http/plain-target.ts' },
    replacements: [
      [
        'const parsedUrl = getInfoFromIncomingMessage(component, request, logger);',
        'const parsedUrl = __target.plainTarget(request.url, headers.host) ?? getInfoFromIncomingMessage(component, request, logger);',
      ],
      [
        '(0, exports.redactQueryString)(new URLSearchParams(parsedUrl.search.slice(1)), paramsToRedact);',
        '__target.redactedQuery(parsedUrl.search.slice(1), paramsToRedact, exports.redactQueryString);',
      ],
      [
        'function headerCapture(type, headers) {',
        'const __none = Object.freeze({}); function headerCapture(type, headers) { if (headers.length === 0) return () => __none;',
      ],
    ],
  },
];

/**
 * Changes the http instrumentation.
 *
 * @param root folder of the repository
 * @throws {Error} if the instrumentation no longer contains the code that is replaced
 */
export function patchHttp(root: string): Plugin {
  const left = new Set(CHANGES);
  return {
    name: 'patch-http',
    transform(code, id) {
      const change = CHANGES.find(({ file }) => file.test(id));
      if (change === undefined) return null;
      left.delete(change);
      return { code: changed(code, id, root, change), map: null };
    },
    buildEnd() {
      for (const { file } of left) throw new Error(`found no file that matches ${file}`);
    },
  };
}

function changed(
  code: string,
  id: string,
  root: string,
  { helpers, replacements }: Change,
): string {
  const text = replacements.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`${id} no longer contains: ${from}`);
    return before.replaceAll(from, to);
  }, code);
  // At the top of the file: the bundler copies the exports of a bundled module at each call of
  // `require`, which took 1.2 µs of each outgoing request.
  const imports = Object.entries(helpers)
    .map(([name, path]) => `const ${name} = require(${JSON.stringify(join(root, path))});\n`)
    .join('');
  return text.replace(/^(?:["']use strict["'];?\n)?/, `$&${imports}`);
}
