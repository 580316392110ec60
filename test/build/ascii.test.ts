import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';

const dist = join(root, 'dist');

test.for(['core', 'sdk'])(
  'V8 can keep the chunk %s, which every start loads, with one byte per character',
  (name) => {
    const files = readdirSync(dist).filter((file) => file.startsWith(`${name}-`));
    const beyondAscii = files.map((file) =>
      readFileSync(join(dist, file), 'utf8').match(/[^\0-\x7f]/gu),
    );
    expect(beyondAscii).toEqual([null]);
  },
);
