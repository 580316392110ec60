import fc from 'fast-check';
import type { SegmentDocument } from '../../src/translator/document.ts';

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

/**
 * Documents of several traces in any order: segments and subsegments whose parents exist, are
 * missing, are in another trace or are the document itself; some in progress, some duplicate ids.
 */
export const anyDocuments: fc.Arbitrary<readonly SegmentDocument[]> = fc
  .array(
    fc.record({
      id: fc.integer({ min: 1, max: 40 }),
      parent: fc.option(fc.integer({ min: 1, max: 44 }), { nil: undefined }),
      trace: fc.integer({ min: 1, max: 2 }),
      segment: fc.boolean(),
      inProgress: fc.constantFrom(false, false, false, true),
      name: fc.oneof(fc.constant('api'), fc.string({ unit: 'binary' })),
      start: fc.integer({ min: 0, max: 1_000 }),
      padding: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })),
    }),
    { maxLength: 60 },
  )
  .map((parts) =>
    parts.map(({ id, parent, trace, segment, inProgress, name, start, padding }) => ({
      name,
      id: hex(id, 16),
      trace_id: `1-581cf771-${hex(trace, 24)}`,
      ...(parent === undefined ? {} : { parent_id: hex(parent, 16) }),
      ...(segment || parent === undefined ? {} : { type: 'subsegment' as const }),
      start_time: 1_478_293_361 + start / 1e3,
      ...(inProgress ? { in_progress: true as const } : { end_time: 1_478_293_362.5 }),
      ...(padding === 0 ? {} : { metadata: { default: { padding: 'é'.repeat(padding) } } }),
    })),
  );
