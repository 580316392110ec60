import { checkDocuments } from './daemon/check.ts';
import { documentNotes } from './schema/notes.ts';

/**
 * Checks documents as they are sent, for `OTEL_XRAY_VALIDATE`.
 *
 * @param warn called once per kind of problem: per rule of X-Ray, or field of the format
 * @returns a function to call with the JSON of each document
 */
export function sentDocumentCheck(
  warn: (message: string, key: string) => void,
): (line: string) => void {
  return (line) => {
    for (const checked of checkDocuments(line)) {
      if (!checked.ok) {
        const { code, reason, id } = checked.refusal;
        warn(`X-Ray would reject a document (${code}, id ${id}): ${reason}`, `validate ${code}`);
        continue;
      }
      for (const { path, reason } of documentNotes(checked.record)) {
        const { id } = checked;
        const message = `X-Ray would store a document only in part (id ${id}): ${path}: ${reason}`;
        warn(message, `validate ${fieldOf(path)}`);
      }
    }
  };
}

/**
 * Returns the field, wherever it is in the document's tree: `subsegments[3].http.request.url` →
 * `http.request.url`.
 */
function fieldOf(path: string): string {
  return path.replace(/subsegments\[\d+\]\./g, '').replace(/\[\d+\]/g, '[]');
}
