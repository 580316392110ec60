import { recordTrace } from '../support/shop-trace.ts';
import type { AnyProcessor, Pipeline } from './pipelines.ts';

/** Passes the spans of a trace to a processor in the order of their starts and ends. */
export type Recorded = (processor: AnyProcessor) => void;

/** Returns a function that records a trace with the SDK of a pipeline, without its processor. */
export function traceRecorder(pipeline: Pipeline): (index: number) => Recorded {
  let steps: Recorded[] = [];
  const tracer = pipeline.tracer([
    {
      onStart: (span, context) => void steps.push((processor) => processor.onStart(span, context)),
      onEnd: (span) => void steps.push((processor) => processor.onEnd(span)),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  ]);
  return (index) => {
    steps = [];
    recordTrace(tracer, pipeline.api, index);
    const ofTrace = steps;
    return (processor) => {
      for (const step of ofTrace) step(processor);
    };
  };
}
