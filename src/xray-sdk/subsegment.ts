import type { Span } from '@opentelemetry/api';
import { tracer } from '../api/capture.ts';
import { xrayForm } from '../trace-id.ts';
import { Entity, setSubsegmentFactory } from './entity.ts';
import { parentContext, type SegmentLike, spanOf } from './entity-span.ts';
import { log } from './logger.ts';
import { remoteRequestData } from './request-data.ts';
import type { Segment } from './segment.ts';

/** A part of a segment. */
export class Subsegment extends Entity {
  declare parent: SegmentLike;
  declare segment: Segment;

  constructor(name: string, span?: Span) {
    super(name, 'Subsegment', {
      span,
      start: () => this.#start(),
      rename: (renamed) => void renamed.updateName(this.name),
    });
  }

  get trace_id(): string {
    return xrayForm(spanOf(this).spanContext().traceId);
  }

  /** Sets any field of the document, for example `namespace`. */
  addAttribute(name: string, data: unknown): void {
    (this as unknown as Record<string, unknown>)[name] = data;
  }

  /** Records the id of a subsegment that precedes this one. */
  addPrecursorId(id: string): void {
    if (typeof id !== 'string') {
      log(
        'error',
        `addPrecursorId(${String(id)}) on "${this.name}": expected a string; not recorded`,
      );
      return;
    }
    this.precursor_ids ??= [];
    this.precursor_ids.push(id);
  }

  addSqlData(sql: object): void {
    this.sql = sql;
  }

  /** Records a call to another service. */
  addRemoteRequestData(
    request: object,
    response?: object | null,
    downstreamXRayEnabled?: boolean,
  ): void {
    this.http = remoteRequestData(request, response ?? undefined);
    if (downstreamXRayEnabled) this.traced = true;
  }

  /** Records a call by `fetch`. */
  addFetchRequestData(
    request: object,
    response?: object | null,
    downstreamXRayEnabled?: boolean,
  ): void {
    this.addRemoteRequestData(request, response, downstreamXRayEnabled);
  }

  /** Sends nothing: each span is sent after it has ended. */
  streamSubsegments(): true | undefined {
    return this.isClosed() ? true : undefined;
  }

  #start(): Span {
    return tracer().startSpan(
      this.name,
      { startTime: this.start_time * 1000 },
      parentContext(this.parent, this.notTraced),
    );
  }
}

setSubsegmentFactory({
  create: (name) => new Subsegment(name),
  isSubsegment: (value) => value instanceof Subsegment,
});
