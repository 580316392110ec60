import { openSpansProcessor, startLambda } from '../lambda/index.ts';

export interface LambdaTracing {
  readonly openSpansProcessor: typeof openSpansProcessor;
  readonly startLambda: typeof startLambda;
}

/** Returns the parts that only a Lambda function needs. */
export function lambdaTracing(): LambdaTracing {
  return { openSpansProcessor, startLambda };
}
