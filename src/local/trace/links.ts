import { asList, asObject, asText } from '../json.ts';
import { xrayTraceId } from './trace-id.ts';

/** Returns the trace ids of a document's `links`, in X-Ray's form. */
export function linkedIds(links: unknown): readonly string[] {
  return asList(links).flatMap((link) => {
    const id = xrayTraceId((asText(asObject(link)?.['trace_id']) ?? '').toLowerCase());
    return id === undefined ? [] : [id];
  });
}
