import { Ajv2020 } from 'ajv/dist/2020.js';
import schema from '../../src/local/schema/segment.schema.json' with { type: 'json' };
import type { SegmentDocument } from '../../src/translator/document.ts';

/** What is wrong with a document, by the schema of the specification; empty when nothing is. */
export type SchemaCheck = (document: SegmentDocument) => readonly string[];

/** Compiles the schema of segment documents. */
export function schemaCheck(): SchemaCheck {
  const ajv = new Ajv2020({ strictRequired: false, strictTypes: false });
  const validate = ajv.compile(schema);
  return (document) => {
    // The JSON text is what is sent: fields that are `undefined` are not in it.
    if (validate(JSON.parse(JSON.stringify(document)))) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath} ${message ?? 'is wrong'}`,
    );
  };
}
