/** Parts of a subject that name one thing of many: numbers, UUIDs, ULIDs and NUIDs. */
const ID = /^(?:\d+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?=(?:\D*\d){2})[\da-z]{16,})$/i;

/** Returns a subject or topic without ids: `orders.:id.paid` for `orders.4711.paid`. */
export function withoutIds(subject: string, separator: string): string {
  return subject
    .split(separator)
    .map((part) => (ID.test(part) ? ':id' : part))
    .join(separator);
}
