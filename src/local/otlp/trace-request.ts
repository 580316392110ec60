import type { Field, MessageType } from './protobuf.ts';

/**
 * `ExportTraceServiceRequest` as a table, with the names of OTLP/JSON.
 *
 * @see opentelemetry/proto/trace/v1/trace.proto, common/v1/common.proto, resource/v1/resource.proto
 */

const text = (name: string): Field => ({ name, kind: 'text' });
const list = (name: string, message: () => MessageType): Field => ({
  name,
  kind: 'message',
  repeated: true,
  message,
});
const one = (name: string, message: () => MessageType): Field => ({
  name,
  kind: 'message',
  message,
});

const ANY_VALUE: MessageType = {
  1: text('stringValue'),
  2: { name: 'boolValue', kind: 'flag' },
  3: { name: 'intValue', kind: 'signed' },
  4: { name: 'doubleValue', kind: 'double' },
  5: one('arrayValue', () => ARRAY_VALUE),
  6: one('kvlistValue', () => KEY_VALUE_LIST),
  7: { name: 'bytesValue', kind: 'base64' },
};

const KEY_VALUE: MessageType = { 1: text('key'), 2: one('value', () => ANY_VALUE) };
const ARRAY_VALUE: MessageType = { 1: list('values', () => ANY_VALUE) };
const KEY_VALUE_LIST: MessageType = { 1: list('values', () => KEY_VALUE) };

const attributes = list('attributes', () => KEY_VALUE);

const EVENT: MessageType = {
  1: { name: 'timeUnixNano', kind: 'fixed64' },
  2: text('name'),
  3: attributes,
};

const LINK: MessageType = {
  1: { name: 'traceId', kind: 'hex' },
  2: { name: 'spanId', kind: 'hex' },
  3: text('traceState'),
  4: attributes,
  6: { name: 'flags', kind: 'fixed32' },
};

const STATUS: MessageType = { 2: text('message'), 3: { name: 'code', kind: 'varint' } };

const SPAN: MessageType = {
  1: { name: 'traceId', kind: 'hex' },
  2: { name: 'spanId', kind: 'hex' },
  3: text('traceState'),
  4: { name: 'parentSpanId', kind: 'hex' },
  5: text('name'),
  6: { name: 'kind', kind: 'varint' },
  7: { name: 'startTimeUnixNano', kind: 'fixed64' },
  8: { name: 'endTimeUnixNano', kind: 'fixed64' },
  9: attributes,
  11: list('events', () => EVENT),
  13: list('links', () => LINK),
  15: one('status', () => STATUS),
  16: { name: 'flags', kind: 'fixed32' },
};

const SCOPE_SPANS: MessageType = {
  1: one('scope', () => ({ 1: text('name'), 2: text('version') })),
  2: list('spans', () => SPAN),
};

const RESOURCE_SPANS: MessageType = {
  1: one('resource', () => ({ 1: attributes })),
  2: list('scopeSpans', () => SCOPE_SPANS),
};

export const TRACE_REQUEST: MessageType = { 1: list('resourceSpans', () => RESOURCE_SPANS) };
