import { createHash } from 'node:crypto';
import { asList, type JsonObject, parseJson } from '../json.ts';
import { invalid } from './errors.ts';
import { optionalText } from './input.ts';

/**
 * Builds a stateless `NextToken`: the position and a digest of the other parameters, so that a
 * token of another request is refused.
 */
export function nextToken(input: JsonObject, place: readonly number[]): string {
  return Buffer.from(JSON.stringify([digest(input), ...place])).toString('base64url');
}

/** Returns the position in the request's token; `undefined` for the first page. */
export function placeOf(input: JsonObject, length: number): readonly number[] | undefined {
  const token = optionalText(input, 'NextToken', { max: 2_000 });
  if (token === undefined || token === '') return undefined;
  const [of, ...place] = asList(parseJson(Buffer.from(token, 'base64url').toString('utf8')));
  const numbers = place.filter((each): each is number => typeof each === 'number');
  if (of !== digest(input) || numbers.length !== length || place.length !== length) {
    throw invalid('NextToken does not belong to this request');
  }
  return numbers;
}

function digest({ NextToken: _, ...rest }: JsonObject): string {
  const sorted = JSON.stringify(rest, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('base64url').slice(0, 16);
}

/** Returns one page of a list that is all there. */
export function pageOf<T>(
  input: JsonObject,
  list: readonly T[],
  size: number,
): { readonly items: readonly T[]; readonly NextToken: string | undefined } {
  const [from = 0] = placeOf(input, 1) ?? [];
  const to = from + size;
  return {
    items: list.slice(from, to),
    NextToken: to < list.length ? nextToken(input, [to]) : undefined,
  };
}
