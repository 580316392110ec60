import upstream from '@opentelemetry/instrumentation-express';
import utils from '@opentelemetry/instrumentation-express/build/src/utils.js';
import { textOf } from '../attempt.ts';

/**
 * Upstream's instrumentation, which records what a handler passes to `next` or throws.
 *
 * Apps pass plain objects as well, of which upstream records the text `[object Object]`, and it
 * throws for one that has no text. Here they are recorded as they are.
 */
export const ExpressInstrumentation: typeof upstream.ExpressInstrumentation =
  upstream.ExpressInstrumentation;

Object.assign(utils, {
  asErrorAndMessage: (thrown: unknown): [thrown: unknown, message: string] => [
    thrown,
    textOf(thrown),
  ],
});
