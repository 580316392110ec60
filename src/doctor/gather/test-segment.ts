import { randomBytes } from 'node:crypto';
import { xrayForm } from '../../trace-id.ts';
import type { SegmentDocument } from '../../translator/document.ts';

/**
 * Creates the test segment. It has the name of the service, so that it is shown together with the
 * traces of the service.
 */
export function testSegment(
  service: string,
  nowMs: number,
  bytes: (size: number) => Buffer = randomBytes,
): SegmentDocument & { readonly trace_id: string } {
  const seconds = Math.floor(nowMs / 1000);
  return {
    name: service,
    id: bytes(8).toString('hex'),
    trace_id: xrayForm(seconds.toString(16).padStart(8, '0') + bytes(12).toString('hex')),
    start_time: nowMs / 1000,
    end_time: (nowMs + 1) / 1000,
    annotations: { otel_xray_doctor: true },
  };
}
