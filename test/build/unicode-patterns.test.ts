import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';

/** The files that an app loads without a command or a plugin. */
const LOADED = /^(?:core|export|lambda|sampling|spans)-|^register\./;
/** A class of Unicode in a literal; in a string, its backslash is written twice. */
const LITERAL = /(?<!\\)\\p\{/;

test('no pattern with a class of Unicode is expanded when a file loads', () => {
  const dist = join(root, 'dist');
  const files = readdirSync(dist).filter((file) => LOADED.test(file));
  const found = files.filter((file) => LITERAL.test(readFileSync(join(dist, file), 'utf8')));
  expect([files.length, found]).toEqual([6, []]);
});
