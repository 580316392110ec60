import { resourceFromAttributes } from '@opentelemetry/resources';
import { expect, test } from 'vitest';
import { asyncResource } from '../../src/resource/async-resource.ts';

const BASE = { 'service.name': 'unknown_service:node', 'telemetry.sdk.name': 'opentelemetry' };

function detected(): {
  initial: object;
  detectAll: () => Promise<object>;
  detections: () => number;
} {
  let detections = 0;
  return {
    initial: { 'cloud.platform': 'aws_ecs' },
    detectAll: async () => {
      detections += 1;
      return { 'cloud.platform': 'aws_ecs', 'service.name': 'found', 'container.id': 'c1' };
    },
    detections: () => detections,
  };
}

test('it has the synchronous attributes first, queries at the first wait only, and then has all', async () => {
  const source = detected();
  const resource = asyncResource(BASE, source as never, { 'deployment.environment.name': 'prod' });
  expect(resource.attributes).toEqual({
    ...BASE,
    'cloud.platform': 'aws_ecs',
    'deployment.environment.name': 'prod',
  });
  expect(resource.asyncAttributesPending).toBe(true);
  expect(source.detections()).toBe(0);
  await resource.waitForAsyncAttributes?.();
  await resource.waitForAsyncAttributes?.();
  expect(source.detections()).toBe(1);
  expect(resource.asyncAttributesPending).toBe(false);
  expect(resource.attributes).toEqual({
    'service.name': 'found',
    'telemetry.sdk.name': 'opentelemetry',
    'cloud.platform': 'aws_ecs',
    'container.id': 'c1',
    'deployment.environment.name': 'prod',
  });
});

test('attributes set in code override detected ones', async () => {
  const resource = asyncResource(BASE, detected() as never, { 'service.name': 'checkout' });
  await resource.waitForAsyncAttributes?.();
  expect(resource.attributes['service.name']).toBe('checkout');
});

test('a merged SDK resource has priority, and the detected attributes are still added', async () => {
  const resource = asyncResource(BASE, detected() as never).merge(
    resourceFromAttributes({ 'service.version': '2' }),
  );
  await resource.waitForAsyncAttributes?.();
  expect(resource.attributes).toMatchObject({ 'service.version': '2', 'container.id': 'c1' });
  expect(resource.merge(null)).toBe(resource);
});
