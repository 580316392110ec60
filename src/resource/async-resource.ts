import type { Attributes } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { DetectedResource } from './detected-resource.ts';

/**
 * Returns a resource for the OpenTelemetry SDK whose attributes grow when the metadata services respond.
 *
 * Spans keep a reference to it, so a span that ended before the response has all attributes when it
 * is exported after `waitForAsyncAttributes()`. Unlike the SDK's resource with promises, it queries
 * nothing before that call, and `attributes` can be read at any time.
 *
 * @param base attributes that detected ones override, e.g. `telemetry.sdk.*`
 * @param fixed attributes that override detected ones, e.g. configured ones
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
