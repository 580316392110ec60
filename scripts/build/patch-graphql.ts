import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const FILES = /@opentelemetry[\\/]instrumentation-graphql[\\/]build[\\/]src[\\/]\w+\.js$/;
const DATA = /((?:\w+\.)?contextValue)(?=\[symbols_1\.OTEL_GRAPHQL_DATA_SYMBOL\])/g;

/**
 * Keeps the graphql instrumentation from writing to the context value of the app.
 *
 * @param root folder of the repository
 */
export function graphqlData(root: string): Plugin {
  const file = JSON.stringify(join(root, 'src/instrumentation/graphql-data.ts'));
  let found = 0;
  return {
    name: 'graphql-data',
    transform(code, id) {
      if (!FILES.test(id)) return null;
      const matches = code.match(DATA)?.length ?? 0;
      if (matches === 0) return null;
      found += matches;
      const changed = code
        .replaceAll(DATA, '__dataHolder($1)')
        .replace(
          /^["']use strict["'];\n/,
          `$&const { dataHolder: __dataHolder } = require(${file});\n`,
        );
      return { code: changed, map: null };
    },
    buildEnd() {
      if (found === 0) throw new Error('the graphql instrumentation keeps no data in the context');
    },
  };
}
