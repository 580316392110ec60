import { asText } from './json.ts';
import { documentNotes, type Note } from './schema/notes.ts';
import type { Store } from './store/store.ts';

/** A document that X-Ray accepts but stores or indexes only in part. */
export interface PartialDocument {
  readonly traceId: string;
  readonly id: string;
  readonly name: string;
  /** Epoch seconds. */
  readonly arrived: number;
  readonly notes: readonly Note[];
}

/** Traces searched, newest first. The page of a trace shows its own notes. */
const TRACES = 200;
const MAX_DOCUMENTS = 100;
const MAX_NOTES = 20;

/** Returns documents of the newest traces that X-Ray would store or index only in part. */
export function partialDocuments(store: Store): readonly PartialDocument[] {
  const found: PartialDocument[] = [];
  for (const traceId of store.traceIds().slice(-TRACES).reverse()) {
    for (const { id, record, arrived } of store.trace(traceId)?.documents ?? []) {
      const notes = documentNotes(record).slice(0, MAX_NOTES);
      if (notes.length === 0) continue;
      found.push({ traceId, id, name: asText(record['name']) ?? '', arrived, notes });
      if (found.length === MAX_DOCUMENTS) return found;
    }
  }
  return found;
}
