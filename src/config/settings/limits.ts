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
    description: 'Longest text of an attribute, in characters.',
  },
  attributeCountLimit: {
    env: { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: limit, OTEL_ATTRIBUTE_COUNT_LIMIT: limit },
    filePaths: [
      'tracer_provider.limits.attribute_count_limit',
      'attribute_limits.attribute_count_limit',
    ],
    fallback: 128,
    description: 'Most attributes of a span.',
  },
  eventCountLimit: {
    env: { OTEL_SPAN_EVENT_COUNT_LIMIT: limit },
    filePaths: ['tracer_provider.limits.event_count_limit'],
    fallback: 128,
    description: 'Most events of a span.',
  },
  linkCountLimit: {
    env: { OTEL_SPAN_LINK_COUNT_LIMIT: limit },
    filePaths: ['tracer_provider.limits.link_count_limit'],
    fallback: 128,
    description: 'Most links of a span.',
  },
  attributePerEventCountLimit: {
    env: {
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: limit,
      OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: limit,
    },
    filePaths: ['tracer_provider.limits.event_attribute_count_limit'],
    fallback: 128,
    description: 'Most attributes of an event.',
  },
  attributePerLinkCountLimit: {
    env: {
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: limit,
      OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: limit,
    },
    filePaths: ['tracer_provider.limits.link_attribute_count_limit'],
    fallback: 128,
    description: 'Most attributes of a link.',
  },
};
