import { expect, test } from 'vitest';
import { linkTo, routeOf, traceIdOf, traceLink } from '../../src/local/page/route.ts';

test.for([
  { hash: '', route: { page: 'traces', id: '', query: {} } },
  { hash: '#/', route: { page: 'traces', id: '', query: {} } },
  { hash: '#/map?range=1h', route: { page: 'map', id: '', query: { range: '1h' } } },
  {
    hash: '#/traces?filter=service%28%22a%3Fb%22%29',
    route: { page: 'traces', id: '', query: { filter: 'service("a?b")' } },
  },
  {
    hash: '#/trace/1-a-b?at=c&tab=sql',
    route: { page: 'trace', id: '1-a-b', query: { at: 'c', tab: 'sql' } },
  },
  { hash: '#/trace/%', route: { page: 'trace', id: '%', query: {} } },
  { hash: '#/trace/', route: { page: 'unknown', id: '', query: {} } },
  { hash: '#/elsewhere', route: { page: 'unknown', id: '', query: {} } },
])('route: the place $hash', ({ hash, route }) => {
  expect(routeOf(hash)).toEqual(route);
});

test('route: a link restores its route, whatever it contains', () => {
  const filter = 'annotation[a.b] = "x & y = #1?%" OR http.url CONTAINS "ü 日本"';
  expect(routeOf(linkTo('traces', { filter, range: '', at: undefined }))).toEqual({
    page: 'traces',
    id: '',
    query: { filter },
  });
  expect(routeOf(traceLink('1-a/b?c#d', { at: 'e/2' }))).toEqual({
    page: 'trace',
    id: '1-a/b?c#d',
    query: { at: 'e/2' },
  });
});

test.for([
  { text: ' 1-581CF771-A006649127E371903A2DE979 ', id: '1-581cf771-a006649127e371903a2de979' },
  { text: '581cf771a006649127e371903a2de979', id: '1-581cf771-a006649127e371903a2de979' },
  { text: '1-581cf771-a006', id: undefined },
  { text: 'fault', id: undefined },
  { text: '', id: undefined },
])('route: the trace id in "$text"', ({ text, id }) => {
  expect(traceIdOf(text)).toBe(id);
});
