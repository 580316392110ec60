import type { Attributes } from '@opentelemetry/api';
import { DEFAULT_RULE, PATTERN_FIELDS, type PatternField, type SamplingRule } from './rule.ts';
import {
  attributeValue,
  hostsOf,
  methodsOf,
  pathOf,
  type ServiceInput,
  SPAN_ARNS,
  text,
  textsOf,
  valueMatches,
} from './rule-input.ts';
import { compilePattern, type Matcher, matchesEverything } from './wildcard.ts';

/** A compiled pattern of a rule. Fields that match everything have none. */
export interface Condition {
  readonly field: PatternField | `Attributes.${string}`;
  readonly pattern: string;
  readonly matches: Matcher;
  /** Set for a condition on an attribute: the key, and the header used if the attribute is absent. */
  readonly attribute?: { readonly key: string; readonly headerKey: string } | undefined;
}

/**
 * Returns the conditions of a rule, all of which a request must meet. The rule `Default` has none.
 */
export function conditionsOf(rule: SamplingRule): Condition[] {
  if (rule.RuleName === DEFAULT_RULE) return [];
  const fields: Condition[] = PATTERN_FIELDS.filter((field) => !matchesEverything(rule[field])).map(
    (field) => ({ field, pattern: rule[field], matches: compilePattern(rule[field]) }),
  );
  const attributes = Object.entries(rule.Attributes).map(
    ([key, pattern]): Condition => ({
      field: `Attributes.${key}`,
      pattern,
      matches: compilePattern(pattern),
      attribute: { key, headerKey: `http.request.header.${key.toLowerCase()}` },
    }),
  );
  return [...fields, ...attributes];
}

/** Returns the candidates of a condition's field for one request; see `rule-input.ts`. */
export function candidatesFor(
  { field, attribute }: Condition,
  attributes: Attributes,
  service: ServiceInput,
): readonly string[] {
  if (attribute !== undefined) {
    const { key, headerKey } = attribute;
    return textsOf(attributeValue(key, headerKey, attributes, service.attributes));
  }
  return FIELD_CANDIDATES[field as PatternField](attributes, service);
}

const FIELD_CANDIDATES: Readonly<
  Record<PatternField, (attributes: Attributes, service: ServiceInput) => readonly string[]>
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

/** Returns whether a request meets a condition: one matching candidate is sufficient. */
export function isMet(
  condition: Condition,
  attributes: Attributes,
  service: ServiceInput,
): boolean {
  const { attribute, matches } = condition;
  if (attribute === undefined) return candidatesFor(condition, attributes, service).some(matches);
  const { key, headerKey } = attribute;
  return valueMatches(attributeValue(key, headerKey, attributes, service.attributes), matches);
}
