export { segmentOf } from './entity.ts';
export { entityOf, type SegmentLike, spanOf, writeEntity } from './entity-span.ts';
export { Segment } from './segment.ts';
export { Subsegment } from './subsegment.ts';
