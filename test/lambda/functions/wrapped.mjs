import { wrapHandler } from '../../../src/lambda/index.ts';
import cases from './cases.cjs';

export const handler = wrapHandler(cases.answer);
export const stream = globalThis.awslambda?.streamifyResponse(wrapHandler(cases.stream));
