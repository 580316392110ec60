/** The tabs of the detail panel, as the console has them. */
const TAB_NAMES = [
  'overview',
  'resources',
  'annotations',
  'metadata',
  'exceptions',
  'sql',
  'raw',
] as const;

export type TabName = (typeof TAB_NAMES)[number];

/** @param text of an address; anything unknown is the first tab */
export function tabNameOf(text: string | undefined): TabName {
  return TAB_NAMES.find((name) => name === text) ?? 'overview';
}
