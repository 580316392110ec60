import { test } from 'vitest';
import { checkDeadPipes, DEAD_PIPES } from './dead-pipes.ts';

test.for(DEAD_PIPES)('$what, while nobody reads $deadPipes: the app goes on', (row) =>
  checkDeadPipes(row),
);
