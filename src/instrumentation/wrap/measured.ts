import { createNoopMeter, type Histogram } from '@opentelemetry/api';

/** What histograms are as long as the app has no meter provider. */
const NOT_MEASURED = createNoopMeter().createHistogram('');

/**
 * Returns whether somebody collects a metric. Instrumentations read clocks and create attributes for
 * metrics in any case.
 */
export function isMeasured(histogram: Histogram | undefined): boolean {
  return histogram !== NOT_MEASURED;
}
