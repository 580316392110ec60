import { AWS_AND_ANNOTATIONS } from './aws.ts';
import type { DifferenceClass } from './facts.ts';
import { HTTP_AND_ERRORS } from './http.ts';
import { SHAPES_AND_NAMES } from './names.ts';

/** All reasons for a difference between our documents and the collector's. */
export const DIFFERENCES: readonly DifferenceClass[] = [
  ...SHAPES_AND_NAMES,
  ...HTTP_AND_ERRORS,
  ...AWS_AND_ANNOTATIONS,
];
