import { SpanKind } from '@opentelemetry/api';
import { compilePattern } from '../sampler/wildcard.ts';
import { onStart, type StartedSpan, type StartProcessor } from '../start-processor.ts';

/**
 * Returns the name of a segment based on the requested host.
 *
 * @param pattern host names to use as names: `*` matches any text, `?` one character; case is
 *   ignored, e.g. `*.example.com`
 * @param host value of the `Host` header, with or without a port
 * @param fallback name for all other hosts
 * @see aws/aws-xray-sdk-node packages/core/lib/middleware/mw_utils.js, `enableDynamicNaming`
 */
export function dynamicName(pattern: string, host: string | undefined, fallback: string): string {
  const name = host === undefined ? '' : hostName(host);
  return name !== '' && compilePattern(pattern)(name) ? name : fallback;
}

/** Attributes with the requested host, current name first. */
const HOSTS = ['server.address', 'http.host', 'net.host.name'] as const;

/**
 * Returns a span processor that names the segment of each request after its host if the host matches
 * the pattern. Other segments keep the name of the service.
 *
 * The name is set as `aws.local.service` at the start of a SERVER span.
 */
export function dynamicNaming(pattern: string): StartProcessor {
  const fits = compilePattern(pattern);
  return onStart((span) => {
    if (span.kind !== SpanKind.SERVER) return;
    const name = requestedHost(span.attributes);
    if (name !== undefined && fits(name)) span.setAttribute('aws.local.service', name);
  });
}

function requestedHost(attributes: StartedSpan['attributes']): string | undefined {
  for (const key of HOSTS) {
    const value = attributes[key];
    if (typeof value === 'string' && value !== '') return hostName(value);
  }
  return undefined;
}

/** Returns the host in lower case, without port and without the brackets of IPv6. */
function hostName(host: string): string {
  const [, ipv6, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim()) ?? [];
  return (ipv6 ?? name ?? host.trim()).toLowerCase();
}
