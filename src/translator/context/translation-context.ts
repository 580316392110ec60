import { type Cause, unparsedStacks } from '../blocks/cause.ts';
import { linksOf } from '../blocks/links.ts';
import type { AwsBlock, SegmentDocument } from '../document.ts';
import { LIMITS } from '../limits.ts';
import type { TranslatableSpan } from '../span.ts';
import { isTimely } from '../values/trace-id-time.ts';
import { type AttributeReader, from } from './attributes.ts';
import type { Parent } from './document-kind.ts';
import type { Envelope } from './envelope.ts';
import type { Settings } from './options.ts';
import type { ResourceParts } from './resource.ts';
import { KIND, type SpanFacts } from './span-traits.ts';

const NAMES = {
  traced: from('aws.xray.traced'),
  resourceArn: from('aws.xray.resource_arn'),
  samplingRule: from('aws.xray.sampling_rule', 'aws.xray.sampling_rule_name'),
} as const;

/** All that the blocks are made from. */
export interface View {
  readonly span: TranslatableSpan;
  readonly reader: AttributeReader;
  readonly facts: SpanFacts;
  readonly envelope: Envelope;
  readonly parent: Parent;
  readonly resource: ResourceParts;
  readonly settings: Settings;
}

export function linksOfView({ span, reader, settings }: View): SegmentDocument['links'] {
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
  reader.use(NAMES.samplingRule, rule);
  return home?.platformUnder(reader.cut(rule, LIMITS.short, NAMES.samplingRule));
}

/** X-Ray waits for the callee's segment only when asked to (B-23). */
export function tracedOf(view: View, httpStatus: number | undefined): true | undefined {
  const { reader, facts, settings } = view;
  if (!facts.isCaller) return undefined;
  const asked = reader.flag(NAMES.traced);
  const called = settings.downstreamTraced && facts.kind === KIND.CLIENT && !facts.isAwsSdk;
  return asked ?? (called && httpStatus !== undefined ? true : undefined);
}

export function resourceArn(reader: AttributeReader): string | undefined {
  const arn = reader.peekText(NAMES.resourceArn);
  if (arn === undefined || !/^arn:\S{1,2044}$/.test(arn)) return undefined;
  reader.use(NAMES.resourceArn, arn);
  return arn;
}

export function originOf({ resource, settings }: View): SegmentDocument['origin'] {
  return settings.lambda?.root === 'segment' ? 'AWS::Lambda::Function' : resource.origin;
}

export function extras(
  reader: AttributeReader,
  cause: Cause | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const unparsed = cause?.unparsed ?? [];
  if (unparsed.length === 0 && reader.cuts === undefined) return undefined;
  return {
    'exception.stacktrace': unparsed.length === 0 ? undefined : unparsedStacks(unparsed),
    'xray.truncated': reader.cuts,
  };
}
