import { openSpansProcessor, startLambda } from '../lambda/index.ts';
import { wrapWith } from '../lambda/wrap.ts';
import { decidedSampler } from '../sampler/decided.ts';
import type { ReadySampler } from './xray-sampler.ts';

export interface LambdaTracing {
  readonly openSpansProcessor: typeof openSpansProcessor;
  readonly startLambda: typeof startLambda;
  readonly wrapWith: typeof wrapWith;
}

/** Returns the parts that only a Lambda function needs. */
export function lambdaTracing(): LambdaTracing {
  return { openSpansProcessor, startLambda, wrapWith };
}

/** Returns a sampler for the settings that most functions have; it needs none of the code for sampling rules. */
export function lambdaSampler(): ReadySampler {
  return Object.assign(decidedSampler(), {
    setResource() {},
    countRequest() {},
    shutdown: () => Promise.resolve(),
  });
}
