import { SpanKind } from '@opentelemetry/api';
import { compilePattern } from '../sampler/wildcard.ts';
import { onStart, type StartedSpan, type StartProcessor } from '../start-processor.ts';

/**
 * The name of a segment after the host that was asked for.
 *
 * @param pattern host names to take as they are: `*` is any text, `?` one character, upper and
 *   lower case are the same, e.g. `*.example.com`
 * @param host value of the `Host` header, with or without a port
 * @param fallback the name for every other host
 * @see aws/aws-xray-sdk-node packages/core/lib/middleware/mw_utils.js, `enableDynamicNaming`
 */
export function dynamicName(pattern: string, host: string | undefined, fallback: string): string {
  const name = host === undefined ? '' : hostName(host);
  return name !== '' && compilePattern(pattern)(name) ? name : fallback;
}

/** Where the instrumentations put the host that was asked for, current name first. */
const HOSTS = ['server.address', 'http.host', 'net.host.name'] as const;

/**
 * A span processor that names each request's segment after its host, when the host fits the
 * pattern; other segments keep the name of the service.
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

/** Without port and the brackets of IPv6, in small letters. */
function hostName(host: string): string {
  const [, ipv6, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim()) ?? [];
  return (ipv6 ?? name ?? host.trim()).toLowerCase();
}
