/** Our own instrumentations that are not loaded with a package, so that the table has no row for them. */
export const OUTSIDE_TABLE: readonly string[] = [
  'angular',
  'astro',
  'h3',
  'nitro',
  'qwik-city',
  'solid-start',
  'sqlite',
  'srvx',
  'tanstack-start',
  'vike',
  'waku',
];
