export interface Endpoint {
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

export interface DaemonAddress {
  readonly udp: Endpoint;
  readonly tcp: Endpoint;
}

export const DEFAULT_DAEMON: DaemonAddress = {
  udp: { host: '127.0.0.1', port: 2000 },
  tcp: { host: '127.0.0.1', port: 2000 },
};

const PART = /^(?:(udp|tcp):)?(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]/@]+)):(\d{1,5})$/;

/**
 * Parses the address of the X-Ray daemon.
 *
 * Accepts `host:port` for both protocols, `tcp:host:port udp:host:port` in either order (a comma
 * may stand between them), or one of these alone, the other protocol then keeping its default.
 * IPv6 addresses stand in brackets: `[::1]:2000`.
 *
 * @param text value of `AWS_XRAY_DAEMON_ADDRESS`, e.g. `127.0.0.1:2000`
 * @returns the two endpoints; `port` is a number from 1 to 65535
 * @throws {TypeError} when the text has none of these forms; the message quotes the text
 * @see aws/aws-xray-sdk-node packages/core/lib/daemon_config.js, which defines the first two forms
 * @example
 * parseDaemonAddress('tcp:10.0.0.1:2000 udp:10.0.0.2:3000').udp.port // 3000
 */
export function parseDaemonAddress(text: string): DaemonAddress {
  const parts = text.trim().split(/[\s,]+/);
  const found: { udp?: Endpoint; tcp?: Endpoint } = {};
  for (const part of parts) {
    const [, protocol, ipv6, name, digits] = PART.exec(part) ?? [];
    const host = ipv6 ?? name;
    const port = Number(digits);
    const names = protocol === undefined ? (['udp', 'tcp'] as const) : [protocol as 'udp' | 'tcp'];
    const again = names.some((key) => found[key] !== undefined);
    if (host === undefined || again || port < 1 || port > 65_535) throw invalid(text);
    for (const key of names) found[key] = { host, port };
  }
  return { udp: found.udp ?? DEFAULT_DAEMON.udp, tcp: found.tcp ?? DEFAULT_DAEMON.tcp };
}

/** Returns `host:port`, with an IPv6 host in brackets. */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function invalid(text: string): TypeError {
  return new TypeError(
    `invalid daemon address: ${JSON.stringify(text)}; expected host:port or "tcp:host:port udp:host:port"`,
  );
}
