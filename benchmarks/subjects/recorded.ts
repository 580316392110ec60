import { recordTrace } from '../support/shop-trace.ts';
import type { AnyProcessor, Pipeline } from './pipelines.ts';

/** Passes the spans of a trace to a processor in the order of their starts and ends. */
export type Recorded = (processor: AnyProcessor) => void;

/** Traces recorded with the SDK of a pipeline, so that their creation is not measured. */
export function recordedTraces(pipeline: Pipeline, count: number): readonly Recorded[] {
  let steps: Recorded[] = [];
  const tracer = pipeline.tracer([
    {
      onStart: (span, context) => void steps.push((processor) => processor.onStart(span, context)),
      onEnd: (span) => void steps.push((processor) => processor.onEnd(span)),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  ]);
  return Array.from({ length: count }, (_, index) => {
    steps = [];
    recordTrace(tracer, pipeline.api, index);
    const ofTrace = steps;
    return (processor) => {
      for (const step of ofTrace) step(processor);
    };
  });
}
