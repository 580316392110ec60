import { SpanStatusCode } from '@opentelemetry/api';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { applyHooks } from '../../../src/instrumentation/loading/hooks.ts';
import { AiSdkInstrumentation } from '../../../src/instrumentation/models/ai-sdk.ts';
import { startTracing } from '../../support/tracing.ts';

interface Integration {
  onStart(event: object): void;
  onEnd(event: object): void;
  onLanguageModelCallStart(event: object): void;
  onAbort(event: object): void;
}

const holder = globalThis as { AI_SDK_TELEMETRY_INTEGRATIONS?: Integration[] };
const tracing = startTracing();
let instrumentation: AiSdkInstrumentation;
beforeEach(() => {
  tracing.reset();
  instrumentation = new AiSdkInstrumentation();
});
afterEach(() => {
  instrumentation.disable();
  delete holder.AI_SDK_TELEMETRY_INTEGRATIONS;
});
afterAll(() => tracing.close());

/** The integration that is registered when the package loads. */
function integration(): Integration | undefined {
  applyHooks({ registerTelemetry() {} }, 'ai');
  return holder.AI_SDK_TELEMETRY_INTEGRATIONS?.at(-1);
}

const call = (callId: string): object => ({
  callId,
  operationId: 'ai.generateText',
  provider: 'openai.chat',
  modelId: 'gpt-5',
});

test('versions without the interface are not changed', () => {
  applyHooks({ generateText() {} }, 'ai');
  expect(holder.AI_SDK_TELEMETRY_INTEGRATIONS).toBeUndefined();
});

test('calls that do not end are bounded', () => {
  const own = integration();
  for (let index = 0; index < 1_005; index += 1) own?.onStart(call(String(index)));
  expect(tracing.spans()).toHaveLength(5);
});

test('a stream that the app aborts has the abort as its cause, and has not failed', () => {
  const own = integration();
  own?.onStart(call('1'));
  own?.onLanguageModelCallStart(call('1'));
  own?.onAbort({ callId: '1' });
  const causes = tracing.spans().map(({ name, status, events }) => ({
    name,
    code: status.code,
    types: events.map(({ attributes }) => attributes?.['exception.type']),
  }));
  const aborted = { code: SpanStatusCode.UNSET, types: ['AbortError'] };
  expect(causes).toEqual([
    { name: 'chat gpt-5', ...aborted },
    { name: 'invoke_agent gpt-5', ...aborted },
  ]);
});

test('an app that registers OpenTelemetry of the AI SDK keeps its spans', () => {
  const own = integration();
  class OpenTelemetry {}
  holder.AI_SDK_TELEMETRY_INTEGRATIONS?.push(new OpenTelemetry() as never);
  own?.onStart(call('1'));
  own?.onEnd(call('1'));
  expect(tracing.spans()).toEqual([]);
});

test('a disabled instrumentation is no longer registered', () => {
  expect(integration()).toBeDefined();
  instrumentation.disable();
  expect(holder.AI_SDK_TELEMETRY_INTEGRATIONS).toEqual([]);
});
