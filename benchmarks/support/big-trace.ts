import { entityId, traceIdOf } from '../../test/page/support/shop.ts';

/** Number of the trace, which {@link bigTrace} makes. */
export const BIG_TRACE = 900_001;
const SERVICES = 10;
const SUBSEGMENTS = 200;

/** The documents of a trace of ten services with 2,000 subsegments, a third of them calls. */
export function bigTrace(start: number): readonly object[] {
  const trace_id = traceIdOf(BIG_TRACE);
  const root = { trace_id, id: entityId(BIG_TRACE, 0), name: 'web' };
  const services = Array.from({ length: SERVICES }, (_, service) => {
    const from = start + service * 0.4;
    return {
      trace_id,
      id: entityId(BIG_TRACE, 9_000 + service),
      parent_id: root.id,
      name: `service-${service}`,
      start_time: from,
      end_time: from + 0.39,
      subsegments: Array.from({ length: SUBSEGMENTS }, (_, index) => ({
        id: entityId(BIG_TRACE, 10 + service * 500 + index),
        ...(index % 3 === 0
          ? { name: `db${index % 12}.local`, namespace: 'remote' }
          : { name: `step ${index}` }),
        start_time: from + index * 0.0015,
        end_time: from + index * 0.0015 + 0.001,
      })),
    };
  });
  return [...services, { ...root, start_time: start, end_time: start + 4 }];
}
