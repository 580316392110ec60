/** `otel-xray/lambda`: for handlers that cannot be seen loading. */
export { type Handler, wrapHandler } from './lambda/index.ts';
