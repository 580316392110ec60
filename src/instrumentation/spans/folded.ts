/** Names of the instrumentations that have a rule in `folding.ts`, which is loaded with the first of them. */
const FOLDED = [
  'adonisjs',
  'connect',
  'dataloader',
  'express',
  'fastify',
  'graphql',
  'h3',
  'hapi',
  'knex',
  'koa',
  'mongodb',
  'nestjs-core',
  'restify',
  'srvx',
] as const;

export type Folded = (typeof FOLDED)[number];

/** Returns whether some spans of an instrumentation are folded or renamed; otherwise all are kept. */
export function isFolded(instrumentation: string): instrumentation is Folded {
  return (FOLDED as readonly string[]).includes(instrumentation);
}
