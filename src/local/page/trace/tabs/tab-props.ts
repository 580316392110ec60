import type { Entity } from '../../../trace/entity.ts';
import type { TraceData } from '../trace-data.ts';

/** What each tab of the details shows. */
export interface TabProps {
  readonly entity: Entity;
  readonly data: TraceData;
}
