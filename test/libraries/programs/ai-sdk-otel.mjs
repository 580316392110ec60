import { OpenTelemetry } from '@ai-sdk/otel';
import { registerTelemetry } from 'ai';
import program from './ai-sdk.mjs';

export const packages = ['ai', '@ai-sdk/openai'];

export default (libraries, runSteps) => {
  registerTelemetry(new OpenTelemetry());
  return program(libraries, runSteps);
};
