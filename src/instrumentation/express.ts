import upstream from '@opentelemetry/instrumentation-express';
import utils from '@opentelemetry/instrumentation-express/build/src/utils.js';
import { textOf } from '../attempt.ts';

/**
 * Upstream's instrumentation, which records what a handler passes to `next` or throws.
 *
 * Apps also pass plain objects. Upstream records them as `[object Object]`, and throws if one
 * cannot be converted to a string. Here they are recorded unchanged.
 */
export const ExpressInstrumentation: typeof upstream.ExpressInstrumentation =
  upstream.ExpressInstrumentation;

Object.assign(utils, {
  asErrorAndMessage: (thrown: unknown): [thrown: unknown, message: string] => [
    thrown,
    textOf(thrown),
  ],
});
