import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const FILE = /@opentelemetry[\\/]instrumentation-http[\\/]build[\\/]src[\\/]http\.js$/;

const CHANGES: readonly (readonly [from: string, to: string])[] = [
  [
    'optionsParsed.headers = Object.assign({}, optionsParsed.headers);',
    'optionsParsed.headers = __headers.copyHeaders(optionsParsed.headers);',
  ],
  [
    'api_1.propagation.inject(requestContext, optionsParsed.headers);',
    'api_1.propagation.inject(requestContext, optionsParsed.headers, __headers.headerSetter);',
  ],
];

/**
 * The http instrumentation takes all headers of an outgoing request for an object; of an array, which
 * Node takes as well, it made headers with the names 0, 1, 2.
 *
 * @param root folder of the repository
 * @throws {Error} if the instrumentation no longer contains the code that is replaced
 */
export function headerArrays(root: string): Plugin {
  // At the top of the file: the bundler copies the exports of a bundled module at each call of
  // `require`, which took 1.2 µs of each outgoing request.
  const helpers = JSON.stringify(join(root, 'src/instrumentation/request-headers.ts'));
  const imports = `const __headers = require(${helpers});\n`;
  let isFound = false;
  return {
    name: 'header-arrays',
    transform(code, id) {
      if (!FILE.test(id)) return null;
      isFound = true;
      const changed = CHANGES.reduce((text, [from, to]) => {
        if (!text.includes(from)) throw new Error(`${id} no longer contains: ${from}`);
        return text.replaceAll(from, to);
      }, code);
      return { code: changed.replace(/^(?:["']use strict["'];?\n)?/, `$&${imports}`), map: null };
    },
    buildEnd() {
      if (!isFound) throw new Error('http.js of the http instrumentation was not found');
    },
  };
}
