import { SpanKind, trace } from '@opentelemetry/api';
import { afterAll, expect, test } from 'vitest';
import { dynamicName, dynamicNaming } from '../../src/api.ts';
import { startTracing } from '../support/tracing.ts';

test.for([
  { pattern: '*.example.com', host: 'api.example.com', name: 'api.example.com' },
  { pattern: '*.example.com', host: 'API.Example.COM:8080', name: 'api.example.com' },
  { pattern: '*.example.com', host: 'example.org', name: 'shop' },
  { pattern: '*.example.com', host: undefined, name: 'shop' },
  { pattern: '*', host: '', name: 'shop' },
  { pattern: 'api?.local', host: 'api1.local', name: 'api1.local' },
  { pattern: 'api?.local', host: 'api10.local', name: 'shop' },
  { pattern: '*', host: '[::1]:2000', name: '::1' },
  { pattern: '*', host: '::1', name: '::1' },
])('the name of host $host by pattern $pattern is $name', ({ pattern, host, name }) => {
  expect(dynamicName(pattern, host, 'shop')).toBe(name);
});

const tracing = startTracing({ processors: [dynamicNaming('*.example.com')] });
afterAll(() => tracing.close());

test.for([
  {
    rule: 'a request carries the name of its host',
    kind: SpanKind.SERVER,
    attributes: { 'server.address': 'api.example.com' },
    name: 'api.example.com',
  },
  {
    rule: 'so it does with the old attribute names',
    kind: SpanKind.SERVER,
    attributes: { 'http.host': 'api.example.com:80' },
    name: 'api.example.com',
  },
  {
    rule: 'another host keeps the name of the service',
    kind: SpanKind.SERVER,
    attributes: { 'server.address': 'evil.test' },
    name: undefined,
  },
  {
    rule: 'an outgoing call is not renamed',
    kind: SpanKind.CLIENT,
    attributes: { 'server.address': 'api.example.com' },
    name: undefined,
  },
])('$rule', ({ kind, attributes, name }) => {
  tracing.reset();
  trace.getTracer('test').startSpan('request', { kind, attributes }).end();
  expect(tracing.span('request').attributes['aws.local.service']).toBe(name);
});
