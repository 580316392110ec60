/** Character codes of a trace id; only the hex digits are replaced. */
const LAYOUT = Array.from(`1-${'0'.repeat(8)}-${'0'.repeat(24)}`, (character) =>
  character.charCodeAt(0),
);

/**
 * Returns a trace id in X-Ray's form, e.g. `1-5759e988-bd862e3fe1be46a994272793`.
 *
 * The text is made in one piece: V8 would put a concatenation together only when it is read.
 *
 * @param traceId 32 hex digits
 * @see docs/spec/translation.md R1.2
 */
export function xrayForm(traceId: string): string {
  for (let index = 0; index < 8; index += 1) LAYOUT[index + 2] = traceId.charCodeAt(index);
  for (let index = 8; index < 32; index += 1) LAYOUT[index + 3] = traceId.charCodeAt(index);
  return String.fromCharCode(...LAYOUT);
}
