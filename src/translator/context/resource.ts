import { cleanName } from '../blocks/name.ts';
import { originOf } from '../blocks/origin.ts';
import { serviceBlock } from '../blocks/service.ts';
import type { AwsBlock, Origin, ServiceBlock } from '../document.ts';
import type { SpanAttributes, TranslatableSpan } from '../span.ts';
import { setJsonValue } from '../values/json.ts';
import { isBlank, memoize, textOf } from '../values/text.ts';
import type { Settings } from './options.ts';
import { platformBlock } from './platform.ts';

/** What follows from a resource alone; worked out once for all its spans. */
export interface ResourceParts {
  readonly attributes: SpanAttributes;
  /**
   * The cleaned segment name; empty when the resource has none (docs/spec/translation.md section
   * 2.2, rows 2 to 6).
   */
  readonly name: string;
  /** No provider, or AWS. */
  readonly mayBeAws: boolean;
  /** `telemetry.sdk.language`, which chooses the stack parser. */
  readonly language: string | undefined;
  /** Frozen, as all documents of the resource share it. */
  readonly platform: AwsBlock | undefined;
  /** The same with the name of the sampling rule, for each rule one frozen object. */
  readonly platformUnder: (rule: string) => AwsBlock | undefined;
  readonly origin: Origin | undefined;
  readonly service: ServiceBlock | undefined;
  /** `otel.resource.*` as metadata shows them; `undefined` when there is none. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** Resource attributes as text; blank ones are absent. */
export type ResourceText = (key: string) => string | undefined;

export function resourceParts(span: TranslatableSpan, settings: Settings): ResourceParts {
  const { resource } = span;
  const known = settings.resources.get(resource);
  if (known !== undefined) return known;
  const parts = compute(resource.attributes ?? {}, settings);
  // What detectors still look up will be there for later spans.
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
    platformUnder: memoize(
      (rule) =>
        platform &&
        Object.freeze({ ...platform, xray: { ...platform.xray, sampling_rule_name: rule } }),
    ),
    origin: mayBeAws ? originOf(text) : undefined,
    service: serviceBlock(attributes, text),
    metadata: metadataOf(attributes, settings),
  };
}

function segmentNameOf(text: ResourceText, settings: Settings): string {
  const service = text('service.name');
  // The Beanstalk detector writes the platform's name as service name; the environment says more.
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
