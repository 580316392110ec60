import type { ChildProcess } from 'node:child_process';
import type { Span } from '@opentelemetry/api';
import { expectTypeOf, test } from 'vitest';
import {
  addAnnotation,
  addMetadata,
  capture,
  captured,
  flush,
  isSampled,
  openSpan,
  traceTask,
  xrayTraceId,
} from '../../src/api.ts';

// Checked by `tsc`; the calls stand in functions that never run.

test('capture and traceTask have the type of their function', () => {
  const sync = () => capture('a', () => 1);
  const later = () => capture('a', async (span) => span.isRecording());
  const task = () => traceTask('a', { traceHeader: undefined }, async () => 'x');
  const steps = () =>
    capture('a', function* (): Generator<number, string> {
      yield 1;
      return 'x';
    });
  const child = () => capture('a', () => ({}) as Promise<string> & ChildProcess);
  const generic = <T>(work: () => T): T => capture('a', work);
  expectTypeOf(sync).returns.toEqualTypeOf<number>();
  expectTypeOf(later).returns.toEqualTypeOf<Promise<boolean>>();
  expectTypeOf(task).returns.toEqualTypeOf<Promise<string>>();
  expectTypeOf(steps).returns.toEqualTypeOf<Generator<number, string>>();
  expectTypeOf(child).returns.toEqualTypeOf<Promise<string> & ChildProcess>();
  expectTypeOf(generic<number>).returns.toEqualTypeOf<number>();
});

test('the helpers reject types that X-Ray does not support', () => {
  const wrong = () => {
    // @ts-expect-error an object is metadata
    addAnnotation('a', { b: 1 });
    // @ts-expect-error a key is needed
    addMetadata({ b: 1 });
    // @ts-expect-error the function is needed
    capture('a');
  };
  expectTypeOf(wrong).returns.toEqualTypeOf<void>();
});

test('the captured decorator keeps the type of the method', () => {
  const wrapped = () => captured('a')((a: number, b?: string) => `${a}${b}`);
  expectTypeOf(wrapped).returns.toEqualTypeOf<(a: number, b?: string) => string>();
  const onField = () => {
    // @ts-expect-error fields cannot be captured
    captured((() => 1) as never as () => number, { kind: 'field', name: 'x' });
  };
  expectTypeOf(onField).returns.toEqualTypeOf<void>();
});

test('xrayTraceId, isSampled, flush and openSpan have the documented types', () => {
  expectTypeOf(xrayTraceId).returns.toEqualTypeOf<string | undefined>();
  expectTypeOf(isSampled).returns.toEqualTypeOf<boolean>();
  expectTypeOf(flush).returns.toEqualTypeOf<Promise<boolean>>();
  expectTypeOf(openSpan).returns.toExtend<Disposable>();
  expectTypeOf(openSpan('a').span).toEqualTypeOf<Span | undefined>();
});
