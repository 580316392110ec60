export {
  formatTraceHeader,
  parseTraceHeader,
  type TraceHeader,
} from './header.ts';
export { type HeaderContext, headerContextOf, withPassThrough } from './header-context.ts';
export { TRACE_HEADER } from './header-name.ts';
export { type XRayIdGenerator, xrayIdGenerator } from './ids.ts';
export { type LambdaSources, lambdaTraceHeader, xrayLambdaPropagator } from './lambda.ts';
export { DEFAULT_PROPAGATORS, type PropagatorFactory, propagatorFromNames } from './names.ts';
export { type ResponseHeader, traceResponseHook } from './response.ts';
export { isDeferred, isRootOnly } from './span-context-flags.ts';
export {
  contextFromSqsMessage,
  isSampled,
  requestTraceHeader,
  type SqsMessage,
  setTraceHeader,
} from './sqs.ts';
export {
  outgoingHeader,
  withTraceHeader,
  type XRayPropagatorOptions,
  xrayPropagator,
} from './xray.ts';
