import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const FILES = /@opentelemetry[\\/]instrumentation-graphql[\\/]build[\\/]src[\\/]\w+\.js$/;
const EXECUTE = /original\.apply\(this, \[\s*processedArgs,\s*\]\)/g;
const VALIDATION =
  /span\.recordException\(\{\s*name: AttributeNames_1\.AttributeNames\.ERROR_VALIDATION_NAME,[^}]*\}\);/g;
const DATA = /((?:\w+\.)?contextValue)(?=\[symbols_1\.OTEL_GRAPHQL_DATA_SYMBOL\])/g;
/** Data that are neither ours nor those of a document, which the instrumentation parses itself. */
const OTHER_DATA = /(?<!\)|\.document)\[symbols_1\.OTEL_GRAPHQL_DATA_SYMBOL\]/;

/**
 * Changes the graphql instrumentation.
 *
 * Correctness: it writes to the context value of the app, which may be frozen, leaves out arguments of `execute`
 * that it does not know, and records all errors of a validation as one text.
 *
 * @param root folder of the repository
 * @throws {Error} if the instrumentation no longer contains the code that is replaced
 * @see docs/upstream.md sections 14 to 16
 */
export function graphqlData(root: string): Plugin {
  const file = JSON.stringify(join(root, 'src/instrumentation/spans/graphql-data.ts'));
  const found = { data: 0, execute: 0, validation: 0 };
  return {
    name: 'graphql-data',
    transform(code, id) {
      if (!FILES.test(id)) return null;
      const matches = code.match(DATA)?.length ?? 0;
      if (matches === 0) return null;
      found.data += matches;
      found.execute += code.match(EXECUTE)?.length ?? 0;
      found.validation += code.match(VALIDATION)?.length ?? 0;
      const changed = code
        .replace(
          EXECUTE,
          'original.apply(this, [arguments.length >= 2 ? processedArgs : { ...arguments[0], ...processedArgs }])',
        )
        .replace(VALIDATION, '__recordErrors(span, errors);')
        .replaceAll(DATA, '__dataHolder($1)')
        .replace(
          /^["']use strict["'];\n/,
          `$&const { dataHolder: __dataHolder, recordErrors: __recordErrors } = require(${file});\n`,
        );
      if (OTHER_DATA.test(changed)) throw new Error(`${id} writes data to another object`);
      return { code: changed, map: null };
    },
    buildEnd() {
      for (const [what, matches] of Object.entries(found)) {
        if (matches === 0) throw new Error(`the graphql instrumentation has no ${what} to change`);
      }
    },
  };
}
