import type {
  HighResolutionTime,
  SpanAttributes,
  SpanEvent,
  SpanLink,
  TranslatableSpan,
} from '../../src/translator/span.ts';

/** Span kinds of the OpenTelemetry API by name. */
export const KIND = { INTERNAL: 0, SERVER: 1, CLIENT: 2, PRODUCER: 3, CONSUMER: 4 } as const;

export const TRACE_ID = '581cf771a006649127e371903a2de979';
export const SPAN_ID = '70de5b6f19ff9a0a';
export const PARENT_ID = '1111111111111111';

export interface SpanParts {
  readonly name?: string;
  readonly kind?: keyof typeof KIND;
  readonly traceId?: string;
  readonly id?: string;
  /** Id of the parent; `undefined` for a root. */
  readonly parent?: string;
  readonly remoteParent?: boolean;
  readonly start?: HighResolutionTime;
  readonly end?: HighResolutionTime;
  readonly status?: { readonly code: number; readonly message?: string };
  readonly attributes?: SpanAttributes;
  readonly links?: readonly SpanLink[];
  readonly events?: readonly SpanEvent[];
  readonly resource?: SpanAttributes;
}

/** Returns a span in the shape of SDK 2.x; by default a root SERVER span of the service `checkout`. */
export function span(parts: SpanParts = {}): TranslatableSpan {
  const traceId = parts.traceId ?? TRACE_ID;
  return {
    name: parts.name ?? 'GET /cart',
    kind: KIND[parts.kind ?? 'SERVER'],
    spanContext: () => ({ traceId, spanId: parts.id ?? SPAN_ID }),
    parentSpanContext:
      parts.parent === undefined
        ? undefined
        : { traceId, spanId: parts.parent, isRemote: parts.remoteParent ?? false },
    startTime: parts.start ?? [1478293361, 271_000_000],
    endTime: parts.end ?? [1478293361, 449_000_000],
    status: parts.status ?? { code: 0 },
    attributes: parts.attributes ?? {},
    links: parts.links ?? [],
    events: parts.events ?? [],
    resource: { attributes: parts.resource ?? { 'service.name': 'checkout' } },
  };
}
