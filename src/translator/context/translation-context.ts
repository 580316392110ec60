import { type Cause, unparsedStacks } from '../blocks/cause.ts';
import { linksOf } from '../blocks/links.ts';
import type { AwsBlock, SegmentDocument } from '../document.ts';
import { LIMITS } from '../limits.ts';
import type { TranslatableSpan } from '../span.ts';
import { isTimely } from '../values/trace-id-time.ts';
import { type AttributeReader, names } from './attributes.ts';
import type { Parent } from './document-kind.ts';
import type { Envelope } from './envelope.ts';
import type { Settings } from './options.ts';
import type { ResourceParts } from './resource.ts';
import { KIND, type SpanTraits } from './span-traits.ts';

const NAMES = {
  traced: names('aws.xray.traced'),
  resourceArn: names('aws.xray.resource_arn'),
  samplingRule: names('aws.xray.sampling_rule', 'aws.xray.sampling_rule_name'),
} as const;

/** All that the blocks are made from. */
export interface TranslationContext {
  readonly span: TranslatableSpan;
  readonly reader: AttributeReader;
  readonly traits: SpanTraits;
  readonly envelope: Envelope;
  readonly parent: Parent;
  readonly resource: ResourceParts;
  readonly settings: Settings;
}

export function linkBlocks({
  span,
  reader,
  settings,
}: TranslationContext): SegmentDocument['links'] {
  return linksOf(
    span,
    reader,
    (traceId) => !settings.validateTraceIdTime || isTimely(traceId, settings),
  );
}

/** The platform's fields, with the sampling rule that our sampler left on the root (B-38). */
export function platformOf(
  reader: AttributeReader,
  home: ResourceParts | undefined,
): AwsBlock | undefined {
  const rule = reader.peekText(NAMES.samplingRule);
  if (rule === undefined) return home?.platform;
  reader.consumeEqual(NAMES.samplingRule, rule);
  return home?.platformUnder(reader.truncate(rule, LIMITS.short, NAMES.samplingRule));
}

/** X-Ray waits for the callee's segment only when asked to (B-23). */
export function tracedOf(
  context: TranslationContext,
  httpStatus: number | undefined,
): true | undefined {
  const { reader, traits, settings } = context;
  if (!traits.isCaller) return undefined;
  const asked = reader.takeFlag(NAMES.traced);
  const called = settings.downstreamTraced && traits.kind === KIND.CLIENT && !traits.isAwsSdk;
  return asked ?? (called && httpStatus !== undefined ? true : undefined);
}

export function resourceArn(reader: AttributeReader): string | undefined {
  const arn = reader.peekText(NAMES.resourceArn);
  if (arn === undefined || !/^arn:\S{1,2044}$/.test(arn)) return undefined;
  reader.consumeEqual(NAMES.resourceArn, arn);
  return arn;
}

export function originOf({ resource, settings }: TranslationContext): SegmentDocument['origin'] {
  return settings.lambda?.root === 'segment' ? 'AWS::Lambda::Function' : resource.origin;
}

export function diagnosticsMetadata(
  reader: AttributeReader,
  cause: Cause | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const unparsed = cause?.unparsed ?? [];
  if (unparsed.length === 0 && reader.truncatedFields === undefined) return undefined;
  return {
    'exception.stacktrace': unparsed.length === 0 ? undefined : unparsedStacks(unparsed),
    'xray.truncated': reader.truncatedFields,
  };
}
