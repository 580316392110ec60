import { xrayForm } from '../../trace-id.ts';

/** A trace id in X-Ray's form. */
export const XRAY_TRACE_ID: RegExp = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i;

/** Returns X-Ray's form of a trace id in X-Ray's or W3C's form; `undefined` for any other text. */
export function xrayTraceId(text: string): string | undefined {
  if (XRAY_TRACE_ID.test(text)) return text;
  return /^[0-9a-f]{32}$/i.test(text) ? xrayForm(text) : undefined;
}
