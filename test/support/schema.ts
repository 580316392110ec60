import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { sharedPath } from './shared.ts';

/** What is wrong with a document, by the schema of the specification; empty when nothing is. */
export type SchemaCheck = (document: SegmentDocument) => readonly string[];

/** Compiles `spec/segment.schema.json`; ask `hasShared('spec/segment.schema.json')` first. */
export function schemaCheck(): SchemaCheck {
  const ajv = new Ajv2020({ strictRequired: false, strictTypes: false });
  const schema: object = JSON.parse(readFileSync(sharedPath('spec/segment.schema.json'), 'utf8'));
  const validate = ajv.compile(schema);
  return (document) => {
    // The JSON text is what is sent: fields that are `undefined` are not in it.
    if (validate(JSON.parse(JSON.stringify(document)))) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath} ${message ?? 'is wrong'}`,
    );
  };
}
