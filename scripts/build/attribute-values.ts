import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const CORE = /@opentelemetry[\\/]core[\\/]build[\\/]esm[\\/]common[\\/]attributes\.js$/;
const SPAN = /@opentelemetry[\\/]sdk-trace[\\/]build[\\/]esm[\\/]Span\.js$/;

/** What `setAttribute` of the SDK's span does, and what it should do. */
const CHANGES: readonly (readonly [from: string, to: string])[] = [
  ['if (value == null || this._isSpanEnded())', 'if (value === undefined || this._isSpanEnded())'],
  [
    'this.attributes[key] = this._truncateToSize(value);',
    'this.attributes[key] = this._truncateToSize(__copyAttributeValue(value));',
  ],
];

/**
 * Lets the compiled-in SDK take all attribute values of `@opentelemetry/api` 1.10.
 *
 * @param root folder of the repository
 * @throws {Error} if the SDK no longer contains the code that is replaced
 */
export function attributeValues(root: string): Plugin {
  const ours = JSON.stringify(join(root, 'src/attribute-values.ts'));
  const seen = new Set<string>();
  return {
    name: 'attribute-values',
    transform(code, id) {
      if (CORE.test(id)) {
        seen.add('core');
        return {
          code: `export { isAttributeKey, isAttributeValue, sanitizeAttributes } from ${ours};`,
          map: null,
        };
      }
      if (!SPAN.test(id)) return null;
      let changed = `import { copyAttributeValue as __copyAttributeValue } from ${ours};\n${code}`;
      for (const [from, to] of CHANGES) {
        if (!changed.includes(from)) throw new Error(`${id} no longer contains: ${from}`);
        changed = changed.replace(from, to);
      }
      seen.add('span');
      return { code: changed, map: null };
    },
    buildEnd() {
      if (seen.size !== 2) throw new Error('attributes.js or Span.js of the SDK was not found');
    },
  };
}
