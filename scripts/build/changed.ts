/** A text of a module, and what takes its place. */
export type Change = readonly [from: string, to: string];

/**
 * Returns the code of a module with all changes.
 *
 * @throws {Error} if it does not contain a text that is to be replaced
 */
export function changed(code: string, id: string, changes: readonly Change[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${id} no longer contains: ${from}`);
    return text.replace(from, () => to);
  }, code);
}
