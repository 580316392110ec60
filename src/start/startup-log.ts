import type { SettingName } from '../config/settings.ts';
import type { Config, Origins } from '../config.ts';
import { endpointText } from '../daemon-address.ts';

/**
 * Returns one line with the settings in use, and the source of each that is not the default.
 *
 * @example
 * otel-xray 0.1.0, Node 24.21.0: service checkout (OTEL_SERVICE_NAME), daemon udp 127.0.0.1:2000 …
 */
export function startupLine(
  { config, origins }: { readonly config: Config; readonly origins: Origins },
  versions: { readonly own: string; readonly node: string },
  serviceName: string,
): string {
  const { udp, tcp } = config.daemonAddress;
  const parts = [
    `service ${serviceName}${by(origins, 'serviceName', 'tracingName')}`,
    ...(config.transport === 'api'
      ? []
      : [
          `daemon udp ${endpointText(udp)} tcp ${endpointText(tcp)}${by(origins, 'daemonAddress')}`,
        ]),
    `transport ${config.transport}${by(origins, 'transport')}`,
    `exporters ${list(config.exporters)}${by(origins, 'exporters')}`,
    `sampler ${config.sampler ?? defaultSampler(config)}${by(origins, 'sampler')}`,
    `propagators ${list(config.propagators)}${by(origins, 'propagators')}`,
  ];
  return `otel-xray ${versions.own}, Node ${versions.node}: ${parts.join(', ')}`;
}

/** Returns the X-Ray sampler if spans go to X-Ray, else OpenTelemetry's default. */
export function defaultSampler({ exporters }: Config): NonNullable<Config['sampler']> {
  return exporters.includes('xray') ? 'xray' : 'parentbased_always_on';
}

function by(origins: Origins, ...names: readonly SettingName[]): string {
  const origin = names.map((name) => origins[name]).find((found) => found !== 'default');
  return origin === undefined ? '' : ` (${origin})`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join('+');
}
