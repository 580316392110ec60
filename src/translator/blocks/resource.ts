import type { Settings } from '../context/options.ts';
import type { ResourceParts, ResourceText } from '../context/resource.ts';
import type { SpanAttributes, TranslatableSpan } from '../span.ts';
import { setJsonValue } from '../values/json.ts';
import { isBlank, memoize, textOf } from '../values/text.ts';
import { cleanName } from './name.ts';
import { resourceOrigin } from './origin.ts';
import { platformBlock } from './platform.ts';
import { serviceBlock } from './service.ts';

export function resourceParts(span: TranslatableSpan, settings: Settings): ResourceParts {
  const { resource } = span;
  const known = settings.resources.get(resource);
  if (known !== undefined) return known;
  const parts = compute(resource.attributes ?? {}, settings);
  // Do not cache while attributes are pending: later spans have all of them.
  const isPending =
    (resource as { readonly asyncAttributesPending?: boolean }).asyncAttributesPending === true;
  if (!isPending) settings.resources.set(resource, parts);
  return parts;
}

function compute(attributes: SpanAttributes, settings: Settings): ResourceParts {
  const text: ResourceText = (key) =>
    Object.hasOwn(attributes, key) ? textOf(attributes[key]) : undefined;
  const provider = text('cloud.provider');
  const mayBeAws = provider === undefined || provider === 'aws';
  const platform = mayBeAws ? platformBlock(attributes, text, settings) : undefined;
  return {
    attributes,
    name: segmentNameOf(text, settings),
    mayBeAws,
    language: text('telemetry.sdk.language'),
    platform: platform && Object.freeze(platform),
    platformWithRule: memoize(
      (rule) =>
        platform &&
        Object.freeze({ ...platform, xray: { ...platform.xray, sampling_rule_name: rule } }),
    ),
    origin: mayBeAws ? resourceOrigin(text) : undefined,
    service: serviceBlock(attributes, text),
    metadata: metadataOf(attributes, settings),
  };
}

function segmentNameOf(text: ResourceText, settings: Settings): string {
  const service = text('service.name');
  // The Beanstalk detector sets the platform as service name; the environment name is more useful.
  const isBeanstalk =
    service === 'aws_elastic_beanstalk' && text('cloud.platform') === 'aws_elastic_beanstalk';
  const proper = service?.startsWith('unknown_service') ? undefined : service;
  return (
    clean(isBeanstalk ? text('service.namespace') : undefined) ||
    clean(proper) ||
    clean(settings.tracingName) ||
    clean(text('faas.name')) ||
    clean(text('aws.ecs.task.family')) ||
    clean(service)
  );
}

function clean(name: string | undefined): string {
  return name === undefined ? '' : cleanName(name);
}

function metadataOf(
  attributes: SpanAttributes,
  { resourceMetadata }: Settings,
): Readonly<Record<string, unknown>> | undefined {
  if (resourceMetadata === 'none') return undefined;
  const keys =
    resourceMetadata === 'all'
      ? Object.keys(attributes)
      : resourceMetadata.filter((key) => Object.hasOwn(attributes, key));
  const shown: Record<string, unknown> = {};
  for (const key of keys) {
    const value = attributes[key];
    if (isEmpty(value)) continue;
    setJsonValue(shown, `otel.resource.${key}`, value);
  }
  return Object.keys(shown).length === 0 ? undefined : shown;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return isBlank(value);
  return Array.isArray(value) && value.length === 0;
}
