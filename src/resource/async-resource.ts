import type { Attributes } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { DetectedResource } from './index.ts';

/**
 * A resource of the OpenTelemetry SDK whose attributes grow when the metadata services have answered.
 *
 * Spans keep it by reference, so a span that ended before the answer shows the full set when it is
 * exported after `waitForAsyncAttributes()`. Unlike the SDK's own resource with promises it asks
 * nobody before that call, and `attributes` may be read at any time.
 *
 * @param base attributes that yield to the detected ones, e.g. `telemetry.sdk.*` and the default
 * `service.name`
 * @param fixed attributes that win, e.g. those that the program gave in code
 */
export function asyncResource(
  base: Attributes,
  detected: DetectedResource,
  fixed: Attributes = {},
): Resource {
  let attributes: Attributes = { ...base, ...detected.initial, ...fixed };
  let pending = true;
  let waiting: Promise<void> | undefined;
  const resource: Resource = {
    get attributes() {
      return attributes;
    },
    get asyncAttributesPending() {
      return pending;
    },
    waitForAsyncAttributes() {
      waiting ??= detected.detectAll().then((found) => {
        attributes = { ...base, ...found, ...fixed };
        pending = false;
      });
      return waiting;
    },
    merge: (other) =>
      other === null ? resource : asyncResource(base, detected, { ...fixed, ...other.attributes }),
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}
