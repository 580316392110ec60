import cases from './cases.cjs';

// A handler may need something before it can be exported.
await Promise.resolve();

export const handler = cases.answer;
export const throwNow = cases.throwNow;
export const stream = globalThis.awslambda?.streamifyResponse(cases.stream);
export const api = { v1: { get: cases.answer } };
export default { byDefault: cases.answer };
