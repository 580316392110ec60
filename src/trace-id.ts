/**
 * Returns a trace id in X-Ray's form, e.g. `1-5759e988-bd862e3fe1be46a994272793`.
 *
 * @param traceId 32 hex digits
 * @see docs/spec/translation.md R1.2
 */
export function xrayForm(traceId: string): string {
  return `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
}
