import type { Attributes } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { Config, Environment, ReadConfig } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { SDK_INFO } from '../provider.ts';
import { asyncResource, detectResource, LAMBDA_DETECTORS, systemDeps } from '../resource/index.ts';
import { VERSION } from '../version.ts';

/**
 * Returns the resource of the service: its name, configured attributes, SDK, and platform.
 *
 * Metadata services are queried when an exporter first waits for the resource, not before.
 */
export function serviceResource(
  { config, origins }: Pick<ReadConfig, 'config' | 'origins'>,
  env: Environment,
  inLambda: boolean,
): Resource {
  const byDefault = inLambda && origins.resourceDetectors === 'default';
  const detectors = byDefault ? LAMBDA_DETECTORS : config.resourceDetectors;
  const detected = detectResource(detectors, systemDeps(env));
  return asyncResource(baseAttributes(env), detected, configuredAttributes(config));
}

const UNKNOWN = 'unknown_service:node';

/** Warns about a missing name: all unnamed services share one node in the trace map. */
export function warnIfUnnamed(resource: Attributes): void {
  if (resource['service.name'] !== UNKNOWN) return;
  warnOnce(
    `the service has no name and appears in X-Ray as ${UNKNOWN}, together with all other unnamed ` +
      'services; set OTEL_SERVICE_NAME',
  );
}

/** Returns the attributes with the lowest precedence. */
function baseAttributes(env: Environment): Attributes {
  const { npm_package_version: version } = env;
  return {
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': SDK_INFO['telemetry.sdk.version'],
    'telemetry.distro.name': 'otel-xray',
    'telemetry.distro.version': VERSION,
    'service.name': env['npm_package_name'] ?? UNKNOWN,
    ...(version !== undefined && { 'service.version': version }),
  };
}

/** Returns the service name that the user configured. */
export function configuredServiceName(config: Config): string | undefined {
  const attribute = config.resourceAttributes['service.name'];
  return config.serviceName ?? (attribute === undefined ? config.tracingName : String(attribute));
}

/**
 * Returns the attributes that the user configured, which override those of detectors.
 *
 * Sources of the name, in order: `OTEL_SERVICE_NAME`, `service.name` in `OTEL_RESOURCE_ATTRIBUTES`,
 * `AWS_XRAY_TRACING_NAME`.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/resource/#service
 */
function configuredAttributes(config: Config): Attributes {
  const { resourceAttributes } = config;
  const name = configuredServiceName(config);
  return { ...resourceAttributes, ...(name !== undefined && { 'service.name': name }) };
}
