import { openSpansProcessor, startLambda } from '../lambda/index.ts';

export interface LambdaTracing {
  readonly openSpansProcessor: typeof openSpansProcessor;
  readonly startLambda: typeof startLambda;
}

/** What is needed in a Lambda function only. */
export function lambdaTracing(): LambdaTracing {
  return { openSpansProcessor, startLambda };
}
