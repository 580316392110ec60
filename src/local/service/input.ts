import { asNumber, asObject, asText, type JsonObject } from '../json.ts';
import { invalid } from './errors.ts';

/** Readers of request members: absent stays `undefined`; wrong types and ranges are service errors. */

interface Length {
  readonly min?: number;
  readonly max?: number;
}

export function optionalText(
  input: JsonObject,
  name: string,
  { min = 0, max = Number.POSITIVE_INFINITY }: Length = {},
): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`${name} must be a string`);
  if (value.length < min || value.length > max) {
    throw invalid(`${name} must have ${min} to ${max} characters, not ${value.length}`);
  }
  return value;
}

export function requiredText(input: JsonObject, name: string, length: Length = {}): string {
  const value = optionalText(input, name, length);
  if (value === undefined) throw invalid(`${name} is required`);
  return value;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

export function optionalNumber(
  input: JsonObject,
  name: string,
  { min, max, whole = false }: Range,
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  if (number === undefined || (whole && !Number.isInteger(number))) {
    throw invalid(`${name} must be a ${whole ? 'whole ' : ''}number`);
  }
  if (number < min || number > max)
    throw invalid(`${name} must be from ${min} to ${max}, not ${number}`);
  return number;
}

export function requiredNumber(input: JsonObject, name: string, range: Range): number {
  const value = optionalNumber(input, name, range);
  if (value === undefined) throw invalid(`${name} is required`);
  return value;
}

export function optionalFlag(input: JsonObject, name: string): boolean | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalid(`${name} must be true or false`);
  return value;
}

export function optionalObject(input: JsonObject, name: string): JsonObject | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const object = asObject(value);
  if (object === undefined) throw invalid(`${name} must be an object`);
  return object;
}

export function requiredObject(input: JsonObject, name: string): JsonObject {
  const value = optionalObject(input, name);
  if (value === undefined) throw invalid(`${name} is required`);
  return value;
}

export function optionalList(
  input: JsonObject,
  name: string,
  max: number,
): readonly unknown[] | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw invalid(`${name} must be a list`);
  if (value.length > max) throw invalid(`${name} may have ${max} elements, not ${value.length}`);
  return value;
}

export function requiredList(input: JsonObject, name: string, max: number): readonly unknown[] {
  const value = optionalList(input, name, max);
  if (value === undefined) throw invalid(`${name} is required`);
  return value;
}

export function objects(list: readonly unknown[], name: string): readonly JsonObject[] {
  return list.map((each) => {
    const object = asObject(each);
    if (object === undefined) throw invalid(`each element of ${name} must be an object`);
    return object;
  });
}

/**
 * Returns a time of a request in epoch seconds; it may be a number, a numeric string, or ISO 8601.
 */
export function requiredTime(input: JsonObject, name: string): number {
  const value = input[name];
  if (value === undefined || value === null) throw invalid(`${name} is required`);
  const text = asText(value)?.trim();
  const seconds =
    asNumber(value) ??
    (text === undefined || text === ''
      ? Number.NaN
      : /^-?\d+(\.\d+)?$/.test(text)
        ? Number(text)
        : Date.parse(text) / 1000);
  if (!Number.isFinite(seconds)) throw invalid(`${name} ${JSON.stringify(value)} is not a time`);
  return seconds;
}

/** Returns `StartTime` and `EndTime` of a request. */
export function requiredRange(input: JsonObject): { readonly from: number; readonly to: number } {
  const from = requiredTime(input, 'StartTime');
  const to = requiredTime(input, 'EndTime');
  if (to <= from) throw invalid('EndTime must be after StartTime');
  return { from, to };
}
