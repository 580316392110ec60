import type { Trace } from '../trace/assemble.ts';
import { type Entity, flagsOf, lengthOf, toMicros } from '../trace/entity.ts';
import { resourceName } from '../trace/resource-name.ts';
import { callees, selfTime } from '../trace/self-time.ts';
import { type Quantiles, quantilesOf } from './analytics.ts';

/** What one part of the traces does: calls of one name at one place of the call tree. */
export interface ProfilePart {
  /** Names from the root down to the part. */
  readonly path: readonly string[];
  /** Calls in all traces together. */
  readonly calls: number;
  readonly faults: number;
  readonly errors: number;
  /** Sum of their lengths, in seconds. */
  readonly seconds: number;
  /** The same without the time of what they call. */
  readonly selfSeconds: number;
}

/** What `/local/profile` answers: where the time of some traces goes. */
export interface Profile extends Quantiles {
  readonly traces: number;
  readonly faults: number;
  readonly errors: number;
  readonly parts: readonly ProfilePart[];
  /** There were more traces than are summed here. */
  readonly more: boolean;
}

const MAX_DEPTH = 40;
const MAX_PARTS = 2_000;

/** Sums traces one by one. */
export class Profiler {
  readonly #parts = new Map<string, { -readonly [K in keyof ProfilePart]: ProfilePart[K] }>();
  readonly #seconds: number[] = [];
  #faults = 0;
  #errors = 0;

  get traces(): number {
    return this.#seconds.length;
  }

  add(trace: Trace): void {
    const flags = trace.root ? flagsOf(trace.root.record) : { fault: false, error: false };
    if (flags.fault) this.#faults += 1;
    else if (flags.error) this.#errors += 1;
    this.#seconds.push((trace.root && lengthOf(trace.root)) ?? toMicros(trace.end - trace.start));
    const seen = new Set<Entity>();
    const open = [
      ...trace.segments.filter(({ caller }) => caller === undefined),
      ...trace.orphans,
    ].map((entity) => ({ entity, path: [] as readonly string[] }));
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { entity, path } = next;
      if (seen.has(entity)) continue;
      seen.add(entity);
      const own = [...path, nameOf(entity)];
      this.#count(own, entity);
      if (own.length >= MAX_DEPTH) continue;
      for (const callee of callees(entity)) open.push({ entity: callee, path: own });
    }
  }

  result(more: boolean): Profile {
    return {
      traces: this.traces,
      faults: this.#faults,
      errors: this.#errors,
      ...quantilesOf(this.#seconds),
      parts: [...this.#parts.values()].map((part) => ({
        ...part,
        seconds: toMicros(part.seconds),
        selfSeconds: toMicros(part.selfSeconds),
      })),
      more,
    };
  }

  #count(path: readonly string[], entity: Entity): void {
    const key = JSON.stringify(path);
    let part = this.#parts.get(key);
    if (part === undefined) {
      if (this.#parts.size >= MAX_PARTS) return;
      part = { path, calls: 0, faults: 0, errors: 0, seconds: 0, selfSeconds: 0 };
      this.#parts.set(key, part);
    }
    const { fault, error } = flagsOf(entity.record);
    part.calls += 1;
    if (fault) part.faults += 1;
    else if (error) part.errors += 1;
    part.seconds += lengthOf(entity) ?? 0;
    part.selfSeconds += selfTime(entity) ?? 0;
  }
}

function nameOf(entity: Entity): string {
  return entity.kind === 'segment' ? entity.name : resourceName(entity.name);
}
