import { parseWhole } from '../parse.ts';
import type { Rows } from '../setting.ts';

const limit = parseWhole(0);

/** How large a span may get. */
export interface LimitSettings {
  readonly attributeValueLengthLimit: number | undefined;
  readonly attributeCountLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

export const LIMITS: Rows<LimitSettings> = {
  attributeValueLengthLimit: {
    env: {
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: limit,
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: limit,
    },
    filePaths: [
      'tracer_provider.limits.attribute_value_length_limit',
      'attribute_limits.attribute_value_length_limit',
    ],
    fallback: undefined,
    defaultLabel: 'none',
    description: 'Maximum length of a string attribute, in characters.',
  },
  attributeCountLimit: {
    env: { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: limit, OTEL_ATTRIBUTE_COUNT_LIMIT: limit },
    filePaths: [
      'tracer_provider.limits.attribute_count_limit',
      'attribute_limits.attribute_count_limit',
    ],
    fallback: 128,
    description: 'Maximum number of attributes per span.',
  },
  eventCountLimit: {
    env: { OTEL_SPAN_EVENT_COUNT_LIMIT: limit },
    filePaths: ['tracer_provider.limits.event_count_limit'],
    fallback: 128,
    description: 'Maximum number of events per span.',
  },
  linkCountLimit: {
    env: { OTEL_SPAN_LINK_COUNT_LIMIT: limit },
    filePaths: ['tracer_provider.limits.link_count_limit'],
    fallback: 128,
    description: 'Maximum number of links per span.',
  },
  attributePerEventCountLimit: {
    env: {
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: limit,
      OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: limit,
    },
    filePaths: ['tracer_provider.limits.event_attribute_count_limit'],
    fallback: 128,
    description: 'Maximum number of attributes per event.',
  },
  attributePerLinkCountLimit: {
    env: {
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: limit,
      OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: limit,
    },
    filePaths: ['tracer_provider.limits.link_attribute_count_limit'],
    fallback: 128,
    description: 'Maximum number of attributes per link.',
  },
};
