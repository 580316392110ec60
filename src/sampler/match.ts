import type { Attributes } from '@opentelemetry/api';
import { DEFAULT_RULE, PATTERN_FIELDS, type PatternField, type SamplingRule } from './rule.ts';
import {
  attributeValue,
  hostsOf,
  methodsOf,
  pathOf,
  type ServiceFacts,
  SPAN_ARNS,
  text,
  textsOf,
  valueFits,
} from './rule-input.ts';
import { compilePattern, fitsEverything, type Matcher } from './wildcard.ts';

/** One pattern of a rule, compiled; a rule has one only for fields that do not fit everything. */
export interface Condition {
  readonly field: PatternField | `Attributes.${string}`;
  readonly pattern: string;
  readonly fits: Matcher;
  /** Set for a condition on an attribute: the key, and the header that may stand in for it. */
  readonly attribute?: { readonly key: string; readonly headerKey: string } | undefined;
}

/** The conditions of a rule, all of which a request must meet. The rule `Default` has none. */
export function conditionsOf(rule: SamplingRule): Condition[] {
  if (rule.RuleName === DEFAULT_RULE) return [];
  const fields: Condition[] = PATTERN_FIELDS.filter((field) => !fitsEverything(rule[field])).map(
    (field) => ({ field, pattern: rule[field], fits: compilePattern(rule[field]) }),
  );
  const attributes = Object.entries(rule.Attributes).map(
    ([key, pattern]): Condition => ({
      field: `Attributes.${key}`,
      pattern,
      fits: compilePattern(pattern),
      attribute: { key, headerKey: `http.request.header.${key.toLowerCase()}` },
    }),
  );
  return [...fields, ...attributes];
}

/** The candidates of a condition's field for one request; see `facts.ts`. */
export function candidatesFor(
  { field, attribute }: Condition,
  attributes: Attributes,
  service: ServiceFacts,
): readonly string[] {
  if (attribute !== undefined) {
    const { key, headerKey } = attribute;
    return textsOf(attributeValue(key, headerKey, attributes, service.attributes));
  }
  return FIELD_CANDIDATES[field as PatternField](attributes, service);
}

const FIELD_CANDIDATES: Readonly<
  Record<PatternField, (attributes: Attributes, service: ServiceFacts) => readonly string[]>
> = {
  ServiceName: (_, service) => service.names,
  ServiceType: (_, service) => service.types,
  Host: (attributes) => hostsOf(attributes),
  HTTPMethod: (attributes) => methodsOf(attributes),
  URLPath: (attributes) => {
    const path = pathOf(attributes);
    return path === undefined ? [] : [path];
  },
  ResourceARN: (attributes, service) => {
    const own = SPAN_ARNS.map((name) => text(attributes[name])).filter((arn) => arn !== undefined);
    return own.length === 0 ? service.arns : [...service.arns, ...own];
  },
};

/** Whether a request meets a condition: one candidate that fits is enough. */
export function meets(
  condition: Condition,
  attributes: Attributes,
  service: ServiceFacts,
): boolean {
  const { attribute, fits } = condition;
  if (attribute === undefined) return candidatesFor(condition, attributes, service).some(fits);
  const { key, headerKey } = attribute;
  return valueFits(attributeValue(key, headerKey, attributes, service.attributes), fits);
}

/** Whether a request meets every condition of a rule; the plain form, which tests compare with. */
export function ruleMatches(
  rule: SamplingRule,
  attributes: Attributes,
  service: ServiceFacts,
): boolean {
  return conditionsOf(rule).every((condition) => meets(condition, attributes, service));
}
