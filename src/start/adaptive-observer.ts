import type { EndedSpan } from '../exporter/processor.ts';
import { type ObserverOptions, RequestObserver } from '../sampler/adaptive/observer.ts';

/** Returns the span processor of adaptive sampling. */
export function requestObserver(options: ObserverOptions<EndedSpan>): RequestObserver<EndedSpan> {
  return new RequestObserver(options);
}
