import { asText } from './json.ts';
import { documentNotes, type Note } from './schema/notes.ts';
import type { Store } from './store/store.ts';

/** A document that X-Ray takes, and keeps or indexes only in part. */
export interface PartialDocument {
  readonly traceId: string;
  readonly id: string;
  readonly name: string;
  /** Epoch seconds. */
  readonly arrived: number;
  readonly notes: readonly Note[];
}

/** Traces looked at, newest first: older ones have their notes on their own pages. */
const TRACES = 200;
const MAX_DOCUMENTS = 100;
const MAX_NOTES = 20;

/** Documents of the newest traces of which X-Ray would drop, cut or not index something. */
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
