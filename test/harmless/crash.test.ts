import { test } from 'vitest';
import { CRASHES, checkCrash } from './crashes.ts';

test.for(CRASHES)('an error thrown %s prints what it prints without otel-xray', (way) =>
  checkCrash(way),
);
