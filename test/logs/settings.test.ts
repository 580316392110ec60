import { expect, test } from 'vitest';
import { parseLogField, parseLogGroups } from '../../src/logs/settings.ts';

test.for([
  { text: 'traceId', field: 'traceId' },
  { text: ' AWS_TRACE ', field: 'AWS_TRACE' },
  { text: 'None', field: undefined },
])('OTEL_XRAY_LOG_FIELD=$text', ({ text, field }) => {
  expect(parseLogField(text)).toBe(field);
});

test('a field name that needs quoting is refused and quoted', () => {
  expect(() => parseLogField('trace id')).toThrow(
    new TypeError('no log field: "trace id"; expected letters, digits, _ and ., or none'),
  );
});

const ARN = 'arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop';

test.for([
  { text: '/ecs/shop', groups: ['/ecs/shop'] },
  { text: ' /ecs/shop , audit,', groups: ['/ecs/shop', 'audit'] },
  { text: ARN, groups: [ARN] },
  { text: `${ARN}:*`, groups: [`${ARN}:*`] },
])('OTEL_XRAY_LOG_GROUP=$text', ({ text, groups }) => {
  expect(parseLogGroups(text)).toEqual(groups);
});

test('a name that no log group can have is refused and quoted', () => {
  expect(() => parseLogGroups('a, b c')).toThrow(new TypeError('no log group: "b c"'));
});
