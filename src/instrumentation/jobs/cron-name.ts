/**
 * Returns the name of a task that has none of its own: its expression, in characters that the name of
 * a segment may have. `*` and `?` become `x`, and a comma becomes `+`.
 */
export function nameOfExpression(expression: unknown): string {
  return String(expression).replaceAll(/[*?]/g, 'x').replaceAll(',', '+');
}
