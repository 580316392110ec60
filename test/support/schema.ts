import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { sharedPath } from './shared.ts';

/**
 * A checker of documents against X-Ray's schema; ask `hasShared('spec/segment.schema.json')` first.
 *
 * @returns what is wrong with a document, nothing when it is valid
 */
export function schemaChecker(): (document: unknown) => readonly string[] {
  const schema = JSON.parse(readFileSync(sharedPath('spec/segment.schema.json'), 'utf8'));
  const ajv = new Ajv2020({ strictRequired: false, strictTypes: false, allErrors: true });
  const validate = ajv.compile(schema);
  return (document) =>
    validate(document)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
