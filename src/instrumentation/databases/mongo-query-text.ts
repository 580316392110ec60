/** Elements of an array, and values of a whole command, that the text contains. */
const MAX_ELEMENTS = 20;
const MAX_VALUES = 500;
const MAX_DEPTH = 20;

/** Values of BSON that are objects in JavaScript. */
interface BsonValue {
  readonly _bsontype?: unknown;
}

/** Of the driver: the documents of a command together with their bytes. */
interface DocumentSequence {
  readonly documents: readonly unknown[];
  readonly chunks: readonly unknown[];
}

/**
 * Returns the structure of a MongoDB command as JSON, with `?` in place of each value.
 *
 * It shows what the app passed: of types of BSON and of the driver, such as `ObjectId`, `Long` and
 * sequences of documents, no internals. Its length is limited, because a command may have 100,000
 * documents.
 */
export function mongoQueryText(command: unknown): string {
  return JSON.stringify(shapeOf(command, { values: 0 }, 0));
}

function shapeOf(value: unknown, count: { values: number }, depth: number): unknown {
  count.values += 1;
  if (typeof value !== 'object' || value === null) return '?';
  if (count.values > MAX_VALUES || depth > MAX_DEPTH) return '…';
  if (Array.isArray(value)) return shapeOfArray(value, count, depth);
  if (isSequence(value)) return shapeOfArray(value.documents, count, depth);
  if (value instanceof Map) return shapeOfEntries(value.entries(), count, depth);
  return isScalar(value) ? '?' : shapeOfEntries(Object.entries(value), count, depth);
}

function shapeOfArray(
  values: readonly unknown[],
  count: { values: number },
  depth: number,
): unknown {
  const shapes = values.slice(0, MAX_ELEMENTS).map((value) => shapeOf(value, count, depth + 1));
  const rest = values.length - shapes.length;
  return rest === 0 ? shapes : [...shapes, `… ${rest} more`];
}

function shapeOfEntries(
  entries: Iterable<readonly [unknown, unknown]>,
  count: { values: number },
  depth: number,
): unknown {
  const shapes: [string, unknown][] = [];
  for (const [name, value] of entries) {
    if (count.values > MAX_VALUES) {
      shapes.push(['…', '…']);
      break;
    }
    shapes.push([String(name), shapeOf(value, count, depth + 1)]);
  }
  return Object.fromEntries(shapes);
}

function isSequence(value: object): value is DocumentSequence {
  const { documents, chunks } = value as Partial<DocumentSequence>;
  return Array.isArray(documents) && Array.isArray(chunks);
}

/** Returns whether an object is one value of BSON. */
function isScalar(value: object): boolean {
  return (
    (value as BsonValue)._bsontype !== undefined ||
    value instanceof Date ||
    value instanceof RegExp ||
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer
  );
}
