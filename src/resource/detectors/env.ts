import type { Attributes } from '@opentelemetry/api';
import { parseKeyValueList } from '../../key-value-list.ts';
import type { Detector } from '../detector.ts';

/** Reads `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`, which override every other detector. */
export const envDetector: Detector = {
  detect({ env, info }) {
    const attributes: Attributes = {};
    const text = env['OTEL_RESOURCE_ATTRIBUTES']?.trim();
    if (text) {
      try {
        Object.assign(attributes, parseKeyValueList(text));
      } catch (error) {
        // `readConfig` reads the variable too and logs a warning.
        info(`OTEL_RESOURCE_ATTRIBUTES is ignored: ${(error as Error).message}`);
      }
    }
    const name = env['OTEL_SERVICE_NAME']?.trim();
    if (name) attributes['service.name'] = name;
    return attributes;
  },
};
