import type { ExporterCounters } from '../exporter/counters.ts';
import type { AppSpanProcessor } from '../span-processors.ts';

/** What `start` returns; every further call returns the same object. */
export interface Started {
  /**
   * Sends all finished spans. Resolves when they are sent or the time limit is reached. Never
   * rejects.
   */
  flush(): Promise<void>;
  /** Sends all finished spans and stops. Never rejects. */
  shutdown(): Promise<void>;
  /** What was sent and lost so far; `undefined` without the exporter `xray`. */
  counters(): ExporterCounters | undefined;
  /**
   * How often the code of each instrumentation threw an error, by its name. The app is not affected,
   * but spans or their attributes are missing. Empty if none failed.
   */
  instrumentationFailures(): Readonly<Record<string, number>>;
  /**
   * Adds a span processor of the app, which receives every span from now on. A processor without
   * one of the required methods is ignored, with one warning.
   */
  addSpanProcessor(processor: AppSpanProcessor): void;
}
