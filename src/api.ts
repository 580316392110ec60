/** The code API: everything an app may call to add to its traces. */
export {
  type AnnotationValue,
  addAnnotation,
  addMetadata,
  setUser,
} from './api/annotations.ts';
export { capture } from './api/capture.ts';
export { type CapturedDecorator, captured, type MethodContext } from './api/captured.ts';
export { dynamicName, dynamicNaming } from './api/dynamic-name.ts';
export { addError, type ErrorOptions } from './api/errors.ts';
export { type FlushOptions, flush } from './api/flush.ts';
export { localRoots } from './api/local-root.ts';
export { type OpenSpan, openSpan } from './api/open-span.ts';
export type { TaskOptions } from './api/task-start.ts';
export { isSampled, xrayTraceId } from './api/trace-id.ts';
export { traceTask } from './api/trace-task.ts';
export { withoutSampling } from './sampler/without-sampling.ts';
export type { StartProcessor } from './start-processor.ts';
