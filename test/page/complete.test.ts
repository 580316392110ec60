import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFilter } from '../../src/local/filter/parse.ts';
import { completionsAt } from '../../src/local/page/list/complete.ts';
import { SeenValues } from '../../src/local/page/list/seen.ts';

function seen(): SeenValues {
  const values = new SeenValues();
  values.add({
    Id: '1',
    ServiceIds: [{ Name: 'shop', Type: 'AWS::ECS::Fargate' }, { Name: 'stock "x"' }],
    Annotations: {
      tier: [{ AnnotationValue: { StringValue: 'gold' } }],
      'cart.size': [{ AnnotationValue: { NumberValue: 3 } }],
      paid: [{ AnnotationValue: { BooleanValue: false } }],
    },
    Http: { HttpMethod: 'GET', HttpURL: 'http://shop/', HttpStatus: 404 },
    Users: [{ UserName: 'ann' }],
  });
  return values;
}

/** Returns the expression after accepting the suggestion with this label; `|` is the cursor. */
function taken(text: string, label: string): string | undefined {
  const cursor = text.indexOf('|');
  const plain = text.replace('|', '');
  const { from, suggestions } = completionsAt(plain, cursor, seen());
  const found = suggestions.find((each) => each.label === label);
  return found && plain.slice(0, from) + found.insert + plain.slice(cursor);
}

test.for([
  { rule: 'a keyword', text: 'respo|', label: 'responsetime', after: 'responsetime ' },
  { rule: 'in any case', text: 'FAU|', label: 'fault', after: 'fault ' },
  { rule: 'after a join', text: 'fault AND ht|', label: 'http.url', after: 'fault AND http.url ' },
  { rule: 'after !', text: '!par|', label: 'partial', after: '!partial ' },
  { rule: 'an operator of numbers', text: 'duration |', label: '>=', after: 'duration >= ' },
  {
    rule: 'an operator of texts',
    text: 'http.url cont|',
    label: 'CONTAINS',
    after: 'http.url CONTAINS ',
  },
  { rule: 'a join after a value', text: 'duration > 3 |', label: 'OR', after: 'duration > 3 OR ' },
  { rule: 'a join after a bare keyword', text: 'fault a|', label: 'AND', after: 'fault AND ' },
  {
    rule: 'a seen annotation',
    text: 'annot|',
    label: 'annotation[tier]',
    after: 'annotation[tier] ',
  },
  {
    rule: 'in brackets',
    text: 'annotation[ca|',
    label: 'annotation[cart.size]',
    after: 'annotation[cart.size] ',
  },
  {
    rule: 'its text',
    text: 'annotation[tier] = |',
    label: '"gold"',
    after: 'annotation[tier] = "gold" ',
  },
  {
    rule: 'its text, begun',
    text: 'annotation.tier = "g|',
    label: '"gold"',
    after: 'annotation.tier = "gold" ',
  },
  {
    rule: 'its number',
    text: 'annotation[cart.size] > |',
    label: '3',
    after: 'annotation[cart.size] > 3 ',
  },
  {
    rule: 'its boolean',
    text: 'annotation[paid] = |',
    label: 'false',
    after: 'annotation[paid] = false ',
  },
  { rule: 'a seen status', text: 'http.status = 4|', label: '404', after: 'http.status = 404 ' },
  { rule: 'a node', text: 'service("|', label: '"shop"', after: 'service("shop") ' },
  {
    rule: 'a node to be quoted',
    text: 'service("st|',
    label: '"stock \\"x\\""',
    after: 'service("stock \\"x\\"") ',
  },
  {
    rule: 'both ends of a call',
    text: 'edge("shop", |',
    label: '"shop"',
    after: 'edge("shop", "shop") ',
  },
  {
    rule: 'a part of a node',
    text: 'service(id(type: |',
    label: '"AWS::ECS::Fargate"',
    after: 'service(id(type: "AWS::ECS::Fargate"',
  },
  {
    rule: 'keywords of a service block',
    text: 'service("shop") { ro|',
    label: 'root',
    after: 'service("shop") { root ',
  },
  {
    rule: 'no group in a block',
    text: 'service("shop") { gr|',
    label: 'group.name',
    after: undefined,
  },
  {
    rule: 'annotations of an edge block',
    text: 'edge("a", "b") { source.|',
    label: 'source.annotation[tier]',
    after: 'edge("a", "b") { source.annotation[tier] ',
  },
  {
    rule: 'outside again',
    text: 'service("shop") { fault } AND gr|',
    label: 'group.name',
    after: 'service("shop") { fault } AND group.name = "',
  },
  { rule: 'in the middle', text: 'fau| AND error', label: 'fault', after: 'fault  AND error' },
])('complete: $rule', ({ text, label, after }) => {
  expect(taken(text, label)).toBe(after);
});

test('complete: suggestions are unique and never repeat the typed text', () => {
  const { suggestions } = completionsAt('fault', 5, seen());
  expect(suggestions.map(({ label }) => label)).not.toContain('fault');
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      const labels = completionsAt(text, text.length, seen()).suggestions.map(({ label }) => label);
      expect(new Set(labels).size).toBe(labels.length);
    }),
  );
});

test('complete: suggested keywords and values form valid expressions', () => {
  for (const { insert } of completionsAt('', 0, seen()).suggestions) {
    expect(() => parseFilter(insert)).not.toThrow();
  }
  for (const text of ['service("', 'http.method = ', 'user != ', 'annotation[tier] = ']) {
    const { from, suggestions } = completionsAt(text, text.length, seen());
    expect(suggestions).not.toHaveLength(0);
    for (const { insert } of suggestions) parseFilter(text.slice(0, from) + insert);
  }
});
