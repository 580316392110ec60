import { Ajv2020 } from 'ajv/dist/2020.js';
import schema from '../../src/local/schema/segment.schema.json' with { type: 'json' };
import type { SegmentDocument } from '../../src/translator/document.ts';

/** Returns the schema violations of a document; empty for a valid one. */
export type SchemaCheck = (document: SegmentDocument) => readonly string[];

/** Compiles the schema of segment documents. */
export function schemaCheck(): SchemaCheck {
  const ajv = new Ajv2020({ strictRequired: false, strictTypes: false });
  const validate = ajv.compile(schema);
  return (document) => {
    // JSON text, as sent, has no fields with the value `undefined`.
    if (validate(JSON.parse(JSON.stringify(document)))) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath} ${message ?? 'is wrong'}`,
    );
  };
}
