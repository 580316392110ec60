import {
  type Context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { insideSpan } from '../../../src/instrumentation/spans/inside-span.ts';

const KEY = createContextKey('of the app');
const outer = ROOT_CONTEXT.setValue(KEY, 'outer');
const span = (): Span => trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
const [first, second] = [span(), span()];

test.each<[string, Context, Span | undefined, unknown]>([
  ['it has its span and the values around it', insideSpan(outer, first), first, 'outer'],
  [
    'one inside another has the inner span',
    insideSpan(insideSpan(outer, first), second),
    second,
    'outer',
  ],
  ['another span can be set', trace.setSpan(insideSpan(outer, first), second), second, 'outer'],
  ['its span can be removed', trace.deleteSpan(insideSpan(outer, first)), undefined, 'outer'],
  ['a value can be set', insideSpan(outer, first).setValue(KEY, 'inner'), first, 'inner'],
  ['a value can be removed', insideSpan(outer, first).deleteValue(KEY), first, undefined],
])('%s', (_name, inside, expectedSpan, value) => {
  expect(trace.getSpan(inside)).toBe(expectedSpan);
  expect(inside.getValue(KEY)).toBe(value);
  expect([trace.getSpan(outer), outer.getValue(KEY)]).toEqual([undefined, 'outer']);
});
