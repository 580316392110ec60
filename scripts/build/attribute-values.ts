import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { type Change, changed } from './changed.ts';

const CORE = /@opentelemetry[\\/]core[\\/]build[\\/]esm[\\/]common[\\/]attributes\.js$/;
const SPAN = /@opentelemetry[\\/]sdk-trace[\\/]build[\\/]esm[\\/]Span\.js$/;
const TRACER = /@opentelemetry[\\/]sdk-trace[\\/]build[\\/]esm[\\/]Tracer\.js$/;

/**
 * What the SDK's span does, and what it should do: `setAttribute` takes all values of API 1.10. A new
 * span uses the attributes that the tracer has copied for it; it copied them once more, one by one. The
 * first attributes that it gets later are copied all at once.
 */
const SPAN_CHANGES: readonly Change[] = [
  // The tracer passes attributes to each span.
  ['attributes = {};', 'attributes;'],
  ['if (value == null || this._isSpanEnded())', 'if (value === undefined || this._isSpanEnded())'],
  [
    'this.attributes[key] = this._truncateToSize(value);',
    'this.attributes[key] = this._truncateToSize(__copyAttributeValue(value));',
  ],
  [
    'for (const key in attributes) {',
    `if (__setAtOnce(this, attributes)) return this;
        for (const key in attributes) {`,
  ],
  [
    'this.setAttributes(opts.attributes);',
    `const count = __usableCount(opts.attributes, this._spanLimits.attributeCountLimit ?? Infinity, this._attributeValueLengthLimit);
            if (count === undefined) {
                this.attributes = {};
                this.setAttributes(opts.attributes);
            }
            else {
                this.attributes = opts.attributes;
                this._attributesCount = count;
            }`,
  ],
];

/**
 * The provider has no meter, so the SDK's metrics about its spans go nowhere. Attributes are copied once:
 * those that a sampler adds are rare.
 */
const TRACER_CHANGES: readonly Change[] = [
  ['this._tracerMetrics = new TracerMetrics(meter);', ''],
  [
    'const recordEndMetrics = this._tracerMetrics.startSpan(parentSpanContext, samplingResult.decision);',
    'const recordEndMetrics = undefined;',
  ],
  [
    'const initAttributes = sanitizeAttributes(Object.assign(attributes, samplingResult.attributes));',
    `const initAttributes = samplingResult.attributes === undefined
            ? attributes
            : sanitizeAttributes(Object.assign(attributes, samplingResult.attributes));`,
  ],
];

/**
 * Lets the compiled-in SDK take all attribute values of `@opentelemetry/api` 1.10, and create spans
 * with fewer copies of their attributes: a span that starts with ten takes 0.6 µs instead of 1.3 µs,
 * a request to a `node:http` server 6.5 µs less, and four spans that each get ten attributes after their
 * start 3.9 µs instead of 4.8 µs and 9.0 KB instead of 11.8 KB, their export included.
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
      if (TRACER.test(id)) {
        seen.add('tracer');
        return { code: changed(code, id, TRACER_CHANGES), map: null };
      }
      if (!SPAN.test(id)) return null;
      seen.add('span');
      const imports = `import { copyAttributeValue as __copyAttributeValue, setAtOnce as __setAtOnce, usableCount as __usableCount } from ${ours};\n`;
      return { code: imports + changed(code, id, SPAN_CHANGES), map: null };
    },
    buildEnd() {
      if (seen.size !== 3) {
        throw new Error('attributes.js, Span.js or Tracer.js of the SDK was not found');
      }
    },
  };
}
