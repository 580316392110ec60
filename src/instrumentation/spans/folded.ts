/** Names of the instrumentations that have a rule in `folding.ts`, which is loaded with the first of them. */
const FOLDED = [
  'connect',
  'dataloader',
  'express',
  'fastify',
  'graphql',
  'hapi',
  'knex',
  'koa',
  'mongodb',
  'nestjs-core',
  'restify',
] as const;

export type Folded = (typeof FOLDED)[number];

/** Returns whether some spans of an instrumentation are folded or renamed; otherwise all are kept. */
export function isFolded(instrumentation: string): instrumentation is Folded {
  return (FOLDED as readonly string[]).includes(instrumentation);
}
