import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  InvalidRequestException,
  paginateGetGroups,
  ResourceNotFoundException,
  RuleLimitExceededException,
  TooManyTagsException,
  XRayServiceException,
} from '@aws-sdk/client-xray';
import { expect, test } from 'vitest';
import { startWithClient } from '../support/local-xray.ts';

const RULE = {
  RuleName: 'checkout',
  ResourceARN: '*',
  Priority: 9000,
  FixedRate: 0.1,
  ReservoirSize: 5,
  ServiceName: 'shop',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '/checkout/*',
  Version: 1,
  Attributes: { tenant: 'gold*' },
};
const CLIENT = '9f2c40d1a7b35e6688c01d2e';

test('sampling rules: created, listed by priority, changed, deleted', async () => {
  await using local = await startWithClient();
  const { client } = local;
  const created = await client.createSamplingRule({ SamplingRule: RULE });
  const arn = 'arn:aws:xray:eu-west-1:000000000000:sampling-rule/checkout';
  expect(created.SamplingRuleRecord).toEqual({
    SamplingRule: { ...RULE, RuleARN: arn },
    CreatedAt: expect.any(Date),
    ModifiedAt: expect.any(Date),
  });
  const { SamplingRuleRecords } = await client.getSamplingRules({});
  expect(SamplingRuleRecords?.map(({ SamplingRule }) => SamplingRule?.RuleName)).toEqual([
    'checkout',
    'Default',
  ]);
  expect(SamplingRuleRecords?.[1]).toEqual({
    SamplingRule: {
      RuleName: 'Default',
      RuleARN: 'arn:aws:xray:eu-west-1:000000000000:sampling-rule/Default',
      ResourceARN: '*',
      Priority: 10_000,
      FixedRate: 0.05,
      ReservoirSize: 1,
      ServiceName: '*',
      ServiceType: '*',
      Host: '*',
      HTTPMethod: '*',
      URLPath: '*',
      Version: 1,
      Attributes: {},
    },
    CreatedAt: new Date(0),
    ModifiedAt: new Date(0),
  });
  const updated = await client.updateSamplingRule({
    SamplingRuleUpdate: { RuleARN: arn, FixedRate: 0.5 },
  });
  expect(updated.SamplingRuleRecord?.SamplingRule).toEqual({
    ...RULE,
    RuleARN: arn,
    FixedRate: 0.5,
  });
  const deleted = await client.deleteSamplingRule({ RuleName: 'checkout' });
  expect(deleted.SamplingRuleRecord?.SamplingRule?.RuleName).toBe('checkout');
  expect((await client.getSamplingRules({})).SamplingRuleRecords).toHaveLength(1);
});

test.for([
  { rule: 'a name that exists', change: { RuleName: 'first' } },
  { rule: 'another Default', change: { RuleName: 'Default' } },
  { rule: 'a priority past 9999', change: { Priority: 10_000 } },
  { rule: 'a rate above 1', change: { FixedRate: 1.1 } },
  { rule: 'a name of 33 characters', change: { RuleName: 'x'.repeat(33) } },
  { rule: 'an ARN in a new rule', change: { RuleARN: 'arn:x' } },
  { rule: 'another version', change: { Version: 2 } },
  {
    rule: 'six attributes',
    change: { Attributes: Object.fromEntries([...'abcdef'].map((key) => [key, 'x'])) },
  },
])('a new rule is refused with $rule', async ({ change }) => {
  await using local = await startWithClient();
  const { client } = local;
  await client.createSamplingRule({ SamplingRule: { ...RULE, RuleName: 'first' } });
  await expect(
    client.createSamplingRule({ SamplingRule: { ...RULE, ...change } }),
  ).rejects.toBeInstanceOf(InvalidRequestException);
  expect((await client.getSamplingRules({})).SamplingRuleRecords).toHaveLength(2);
});

test('only rate and reservoir of Default change, and it cannot be deleted', async () => {
  await using local = await startWithClient();
  const { client } = local;
  const { SamplingRuleRecord } = await client.updateSamplingRule({
    SamplingRuleUpdate: { RuleName: 'Default', FixedRate: 1, ReservoirSize: 9 },
  });
  expect(SamplingRuleRecord?.SamplingRule).toMatchObject({ FixedRate: 1, ReservoirSize: 9 });
  await expect(
    client.updateSamplingRule({ SamplingRuleUpdate: { RuleName: 'Default', Host: 'x' } }),
  ).rejects.toBeInstanceOf(InvalidRequestException);
  await expect(client.deleteSamplingRule({ RuleName: 'Default' })).rejects.toBeInstanceOf(
    InvalidRequestException,
  );
  await expect(client.deleteSamplingRule({})).rejects.toThrow(
    'exactly one of RuleName and RuleARN is required',
  );
});

test('rules beyond the quota are refused', async () => {
  await using local = await startWithClient({ maxRules: 1 });
  const { client } = local;
  await client.createSamplingRule({ SamplingRule: RULE });
  await expect(
    client.createSamplingRule({ SamplingRule: { ...RULE, RuleName: 'second' } }),
  ).rejects.toBeInstanceOf(RuleLimitExceededException);
});

test('targets: quota, rate, TTL; invalid reports are listed', async () => {
  await using local = await startWithClient();
  const { client } = local;
  await client.createSamplingRule({ SamplingRule: RULE });
  const now = new Date();
  const document = {
    ClientID: CLIENT,
    Timestamp: now,
    RequestCount: 10,
    SampledCount: 3,
    BorrowCount: 1,
  };
  const reply = await client.getSamplingTargets({
    SamplingStatisticsDocuments: [
      { ...document, RuleName: 'checkout' },
      { ...document, RuleName: 'gone' },
      { ...document, RuleName: 'Default', Timestamp: new Date(now.getTime() - 700_000) },
    ],
  });
  expect(reply.SamplingTargetDocuments).toEqual([
    {
      RuleName: 'checkout',
      FixedRate: 0.1,
      ReservoirQuota: 5,
      ReservoirQuotaTTL: expect.any(Date),
      Interval: 10,
    },
  ]);
  const ttl = reply.SamplingTargetDocuments?.[0]?.ReservoirQuotaTTL?.getTime() ?? 0;
  expect(ttl - now.getTime()).toBeGreaterThan(290_000);
  expect(ttl - now.getTime()).toBeLessThan(310_000);
  expect(reply.UnprocessedStatistics).toEqual([
    { RuleName: 'gone', ErrorCode: '400', Message: 'no sampling rule "gone"' },
    { RuleName: 'Default', ErrorCode: '400', Message: 'Timestamp is more than 10 minutes old' },
  ]);
  expect(reply.LastRuleModification?.getTime()).toBeGreaterThan(now.getTime() - 60_000);
  const { SamplingStatisticSummaries } = await client.getSamplingStatisticSummaries({});
  expect(SamplingStatisticSummaries).toEqual([
    {
      RuleName: 'checkout',
      Timestamp: expect.any(Date),
      RequestCount: 10,
      SampledCount: 3,
      BorrowCount: 1,
    },
  ]);
  await expect(
    client.getSamplingTargets({
      SamplingStatisticsDocuments: [{ ...document, ClientID: 'short', RuleName: 'Default' }],
    }),
  ).rejects.toBeInstanceOf(InvalidRequestException);
});

test('unsampled anomalies boost the rate of every client for a minute', async () => {
  await using local = await startWithClient();
  const { client } = local;
  const boosted = { ...RULE, SamplingRateBoost: { MaxRate: 0.5, CooldownWindowMinutes: 10 } };
  await client.createSamplingRule({ SamplingRule: boosted });
  const report = async (clientId: string, anomalies: number) =>
    (
      await client.getSamplingTargets({
        SamplingStatisticsDocuments: [
          {
            ClientID: clientId,
            RuleName: 'checkout',
            Timestamp: new Date(),
            RequestCount: 100,
            SampledCount: 10,
          },
        ],
        SamplingBoostStatisticsDocuments: [
          {
            RuleName: 'checkout',
            ServiceName: 'shop',
            Timestamp: new Date(),
            TotalCount: 100,
            AnomalyCount: anomalies,
            SampledAnomalyCount: 0,
          },
        ],
      })
    ).SamplingTargetDocuments?.[0]?.SamplingBoost;
  expect(await report(CLIENT, 0)).toBeUndefined();
  const boost = await report(CLIENT, 9);
  expect(boost).toEqual({ BoostRate: expect.closeTo(0.283, 3), BoostRateTTL: expect.any(Date) });
  expect(await report('b'.repeat(24), 0)).toEqual(boost);
});

test('groups: created, found by name and ARN, changed, listed, deleted', async () => {
  await using local = await startWithClient();
  const { client } = local;
  const { Group } = await client.createGroup({
    GroupName: 'slow',
    FilterExpression: 'responsetime > 3',
  });
  expect(Group).toEqual({
    GroupName: 'slow',
    GroupARN: expect.stringMatching(
      /^arn:aws:xray:eu-west-1:000000000000:group\/slow\/[A-Z0-9]{26}$/,
    ),
    FilterExpression: 'responsetime > 3',
    InsightsConfiguration: { InsightsEnabled: false, NotificationsEnabled: false },
  });
  expect((await client.getGroup({ GroupARN: Group?.GroupARN })).Group).toEqual(Group);
  await client.updateGroup({
    GroupName: 'slow',
    FilterExpression: 'duration > 3',
    InsightsConfiguration: { InsightsEnabled: true, NotificationsEnabled: true },
  });
  expect((await client.getGroup({ GroupName: 'slow' })).Group?.FilterExpression).toBe(
    'duration > 3',
  );
  const names = (await client.getGroups({})).Groups?.map(({ GroupName }) => GroupName);
  expect(names).toEqual(['Default', 'slow']);
  await client.deleteGroup({ GroupName: 'slow' });
  await expect(client.getGroup({ GroupName: 'slow' })).rejects.toBeInstanceOf(
    InvalidRequestException,
  );
});

test.for([
  { rule: 'a bad expression', input: { GroupName: 'a', FilterExpression: 'duration < ' } },
  {
    rule: 'an unknown group in it',
    input: { GroupName: 'a', FilterExpression: 'group.name = "b"' },
  },
  { rule: 'the name Default', input: { GroupName: 'Default' } },
  {
    rule: 'notifications without insights',
    input: { GroupName: 'a', InsightsConfiguration: { NotificationsEnabled: true } },
  },
])('a new group is refused with $rule', async ({ input }) => {
  await using local = await startWithClient();
  await expect(local.client.createGroup(input)).rejects.toBeInstanceOf(InvalidRequestException);
});

test('a group cannot refer to itself', async () => {
  await using local = await startWithClient();
  const { client } = local;
  await client.createGroup({ GroupName: 'a', FilterExpression: 'ok' });
  await client.createGroup({ GroupName: 'b', FilterExpression: 'group.name = "a"' });
  await expect(
    client.getTraceSummaries({
      StartTime: new Date(0),
      EndTime: new Date(1000),
      FilterExpression: 'group.name = "b"',
    }),
  ).resolves.toMatchObject({ TraceSummaries: [] });
  await expect(
    client.updateGroup({ GroupName: 'a', FilterExpression: 'group.name = "b"' }),
  ).rejects.toThrow('refers to itself');
});

test('groups are returned in pages', async () => {
  await using local = await startWithClient();
  const { client } = local;
  for (let i = 0; i < 205; i++) await client.createGroup({ GroupName: `g${i}` });
  const pages: number[] = [];
  for await (const page of paginateGetGroups({ client }, {})) pages.push(page.Groups?.length ?? 0);
  expect(pages).toEqual([100, 100, 6]);
});

test('only groups and rules have tags, within the limits', async () => {
  await using local = await startWithClient();
  const { client } = local;
  const { Group } = await client.createGroup({
    GroupName: 'a',
    Tags: [{ Key: 'team', Value: 'web' }],
  });
  const ResourceARN = Group?.GroupARN ?? '';
  await client.tagResource({
    ResourceARN,
    Tags: [
      { Key: 'team', Value: 'api' },
      { Key: 'env', Value: 'dev' },
    ],
  });
  await client.untagResource({ ResourceARN, TagKeys: ['env', 'none'] });
  expect((await client.listTagsForResource({ ResourceARN })).Tags).toEqual([
    { Key: 'team', Value: 'api' },
  ]);
  const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
  await expect(client.tagResource({ ResourceARN, Tags: many })).rejects.toBeInstanceOf(
    TooManyTagsException,
  );
  const unknown = client.listTagsForResource({ ResourceARN: 'arn:aws:xray:x' });
  await expect(unknown).rejects.toBeInstanceOf(ResourceNotFoundException);
  await expect(unknown).rejects.toMatchObject({ ResourceName: 'arn:aws:xray:x' });
  await expect(
    client.tagResource({ ResourceARN, Tags: [{ Key: 'aws:x', Value: '' }] }),
  ).rejects.toBeInstanceOf(InvalidRequestException);
});

test('encryption, policies, destination and indexing rules are stored; there are no insights', async () => {
  await using local = await startWithClient();
  const { client } = local;
  expect((await client.getEncryptionConfig({})).EncryptionConfig).toEqual({
    Type: 'NONE',
    Status: 'ACTIVE',
  });
  expect((await client.putEncryptionConfig({ Type: 'KMS', KeyId: 'k' })).EncryptionConfig).toEqual({
    Type: 'KMS',
    KeyId: 'k',
    Status: 'ACTIVE',
  });
  await expect(client.putEncryptionConfig({ Type: 'KMS' })).rejects.toBeInstanceOf(
    InvalidRequestException,
  );
  expect(await client.getTraceSegmentDestination({})).toMatchObject({
    Destination: 'XRay',
    Status: 'ACTIVE',
  });
  expect((await client.getIndexingRules({})).IndexingRules).toEqual([]);
  expect(
    (await client.getInsightSummaries({ StartTime: new Date(0), EndTime: new Date(1000) }))
      .InsightSummaries,
  ).toEqual([]);
  const policy = { PolicyName: 'p', PolicyDocument: '{}' };
  expect((await client.putResourcePolicy(policy)).ResourcePolicy).toEqual({
    ...policy,
    PolicyRevisionId: '1',
    LastUpdatedTime: expect.any(Date),
  });
  expect(
    (await client.putResourcePolicy({ ...policy, PolicyRevisionId: '1' })).ResourcePolicy
      ?.PolicyRevisionId,
  ).toBe('2');
  const named = (input: object) =>
    client.putResourcePolicy({ ...policy, ...input }).then(
      () => 'taken',
      (error: Error) => error.name,
    );
  expect(await named({ PolicyRevisionId: '0' })).toBe('InvalidPolicyRevisionIdException');
  expect(await named({ PolicyDocument: 'no' })).toBe('MalformedPolicyDocumentException');
  expect(
    await named({
      PolicyDocument: JSON.stringify({ a: 'x'.repeat(6_000) }),
    }),
  ).toBe('PolicySizeLimitExceededException');
  for (const name of ['q', 'r', 's', 't']) expect(await named({ PolicyName: name })).toBe('taken');
  expect(await named({ PolicyName: 'u' })).toBe('PolicyCountLimitExceededException');
  expect((await client.listResourcePolicies({})).ResourcePolicies).toHaveLength(5);
  await client.deleteResourcePolicy({ PolicyName: 'p' });
  expect((await client.listResourcePolicies({})).ResourcePolicies).toHaveLength(4);
});

test('unimplemented operations return a status that clients do not retry', async () => {
  await using local = await startWithClient();
  const error = await local.client
    .getInsight({ InsightId: '0'.repeat(36) })
    .catch((each: unknown) => each);
  expect(error).toBeInstanceOf(XRayServiceException);
  expect(error).toMatchObject({
    name: 'NotImplementedException',
    message: 'the local X-Ray does not implement GetInsight',
    $metadata: { httpStatusCode: 501, attempts: 1 },
  });
});

test('groups, rules, tags and traces survive reopening the store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-store-'));
  try {
    const store = join(folder, 'traces.db');
    let arn = '';
    {
      await using local = await startWithClient({ store });
      const { Group } = await local.client.createGroup({
        GroupName: 'a',
        Tags: [{ Key: 'k', Value: 'v' }],
      });
      arn = Group?.GroupARN ?? '';
      await local.client.createSamplingRule({ SamplingRule: RULE });
    }
    await using local = await startWithClient({ store });
    expect((await local.client.getSamplingRules({})).SamplingRuleRecords).toHaveLength(2);
    expect((await local.client.listTagsForResource({ ResourceARN: arn })).Tags).toEqual([
      { Key: 'k', Value: 'v' },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
