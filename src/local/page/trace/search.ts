import { asObject } from '../../json.ts';
import type { Entity } from '../../trace/entity.ts';
import { summaryParts } from '../../trace/labels.ts';

/** Returns whether a part of a trace has a text: in its name, id, request, command, annotations or errors. */
export function entityMatches(entity: Entity, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return false;
  return searchText(entity).includes(wanted);
}

const texts = new WeakMap<Entity, string>();

function searchText(entity: Entity): string {
  let text = texts.get(entity);
  if (text === undefined) {
    const { record } = entity;
    const annotations = Object.entries(asObject(record['annotations']) ?? {});
    text = [
      entity.name,
      entity.id,
      ...summaryParts(entity),
      ...annotations.map(([key, value]) => `${key}=${String(value)}`),
      JSON.stringify(record['cause'] ?? ''),
      String(record['user'] ?? ''),
    ]
      .join('\n')
      .toLowerCase();
    texts.set(entity, text);
  }
  return text;
}
