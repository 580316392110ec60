import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const FILES = /@opentelemetry[\\/]instrumentation-graphql[\\/]build[\\/]src[\\/]\w+\.js$/;
const EXECUTE = /original\.apply\(this, \[\s*processedArgs,\s*\]\)/g;
const VALIDATION =
  /span\.recordException\(\{\s*name: AttributeNames_1\.AttributeNames\.ERROR_VALIDATION_NAME,[^}]*\}\);/g;
const DATA = /((?:\w+\.)?contextValue)(?=\[symbols_1\.OTEL_GRAPHQL_DATA_SYMBOL\])/g;

/**
 * Keeps the graphql instrumentation from writing to the context value of the app and from leaving out
 * arguments of `execute` that it does not know, and lets it record errors of validation as they are.
 *
 * @param root folder of the repository
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
      return { code: changed, map: null };
    },
    buildEnd() {
      for (const [what, matches] of Object.entries(found)) {
        if (matches === 0) throw new Error(`the graphql instrumentation has no ${what} to change`);
      }
    },
  };
}
