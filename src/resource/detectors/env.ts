import type { Attributes } from '@opentelemetry/api';
import type { Detector } from '../detector.ts';

/**
 * `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`; what stands there wins over every detector.
 *
 * @see https://opentelemetry.io/docs/specs/otel/resource/sdk/ "Specifying resource information via
 * an environment variable": values are percent-decoded; on any error the whole value is dropped
 */
export const envDetector: Detector = {
  detect({ env, info }) {
    const attributes: Attributes = {};
    const text = env['OTEL_RESOURCE_ATTRIBUTES']?.trim();
    if (text) {
      try {
        Object.assign(attributes, parsePairs(text));
      } catch (error) {
        // `register` reads the variable too and warns of it.
        info(`OTEL_RESOURCE_ATTRIBUTES is ignored: ${(error as Error).message}`);
      }
    }
    const name = env['OTEL_SERVICE_NAME']?.trim();
    if (name) attributes['service.name'] = name;
    return attributes;
  },
};

function parsePairs(text: string): Attributes {
  const pairs: Attributes = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    const key = part.slice(0, at).trim();
    if (at < 0 || key === '') throw new Error(`${JSON.stringify(part)} is not key=value`);
    pairs[decode(key)] = decode(part.slice(at + 1).trim());
  }
  return pairs;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`${JSON.stringify(text)} is not percent-encoded text`);
  }
}
