import type { AttributeValue } from '@opentelemetry/api';
import type { SettingsTable } from '../config/file-reader.ts';
import type { SomeSettings } from '../config/settings.ts';
import { quoted, type Section } from './section.ts';

const NAME = 'service.name';
/** The name in otel-xray of the schema's detector `service`. */
export const SERVICE_DETECTOR = 'serviceinstance';

/** Reads `resource`: the service name, the other attributes, and the detectors. */
export function resourceSettings(root: Section, table: SettingsTable): SomeSettings {
  const resource = root.section('resource');
  if (resource === undefined) return { serviceName: undefined, resourceAttributes: undefined };
  resource.value('schema_url');
  const { [NAME]: name, ...others } = { ...fromList(resource, table), ...fromAttributes(resource) };
  return {
    serviceName: name === undefined ? undefined : String(name),
    resourceAttributes: Object.keys(others).length === 0 ? undefined : others,
    ...detectors(resource),
  };
}

type Attributes = Record<string, AttributeValue>;

function fromAttributes(resource: Section): Attributes {
  const found: Attributes = {};
  for (const each of resource.sections('attributes') ?? []) {
    const name = each.value('name');
    const value = attributeValue(each.value('value'), each.value('type'));
    if (typeof name !== 'string' || name === '')
      each.warn(`${each.path}: expected a name; the attribute is ignored`);
    else if (value === undefined)
      each.warn(`${each.at('value')} of ${name}: invalid value; the attribute is ignored`);
    else found[name] = value;
  }
  return found;
}

/** Converts a value to its declared type. A string from a variable can become a number. */
function attributeValue(value: unknown, type: unknown): AttributeValue | undefined {
  const [, kind = 'string', list] = /^(string|bool|int|double)(_array)?$/.exec(String(type)) ?? [];
  if (list !== undefined) {
    const items = Array.isArray(value) ? value.map((item) => scalar(item, kind)) : [undefined];
    return items.includes(undefined) ? undefined : (items as AttributeValue);
  }
  if (type === undefined && Array.isArray(value)) {
    const [first] = value;
    return value.every((item) => typeof item === typeof first && isScalar(item))
      ? (value as AttributeValue)
      : undefined;
  }
  return type === undefined && isScalar(value) ? value : scalar(value, kind);
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function scalar(value: unknown, kind: string): string | number | boolean | undefined {
  if (!isScalar(value)) return undefined;
  if (kind === 'string') return String(value);
  if (kind === 'bool') return typeof value === 'boolean' ? value : undefined;
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  const fits = kind === 'int' ? Number.isInteger(number) : Number.isFinite(number);
  return fits && typeof value !== 'boolean' ? number : undefined;
}

function fromList(resource: Section, { settings }: SettingsTable): Attributes {
  const text = resource.value('attributes_list');
  if (text === undefined) return {};
  try {
    return {
      ...settings.resourceAttributes.env['OTEL_RESOURCE_ATTRIBUTES']?.(String(text)),
    } as Attributes;
  } catch (error) {
    resource.warn(
      `${resource.at('attributes_list')}: ${quoted(text)}: ${(error as Error).message}`,
    );
    return {};
  }
}

/** Detectors whose name in the schema differs from the name in otel-xray. */
const DETECTORS: Readonly<Record<string, string>> = { service: SERVICE_DETECTOR };
/** The experimental and the stable key of the detectors. */
const PLACES: readonly string[] = ['detection/development', 'detection'];

function detectors(resource: Section): SomeSettings {
  const lists = PLACES.map((place) => resource.section(place)?.sections('detectors'));
  const listed = lists.find((list) => list !== undefined);
  if (listed === undefined) return {};
  for (const each of listed) for (const key of each.keys) each.value(key);
  return {
    resourceDetectors: listed.flatMap(({ keys }) => keys.map((key) => DETECTORS[key] ?? key)),
  };
}
