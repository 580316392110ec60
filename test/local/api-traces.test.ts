import {
  GetServiceGraphCommand,
  paginateBatchGetTraces,
  paginateGetTraceSummaries,
} from '@aws-sdk/client-xray';
import { expect, test } from 'vitest';
import { entityId, startWithClient, traceId } from '../support/local-xray.ts';

const RANGE = { StartTime: new Date(1_763_600_000_000), EndTime: new Date(1_763_700_000_000) };

function segment(number: number, more: object = {}): Record<string, unknown> {
  return {
    trace_id: traceId(number),
    id: entityId(number * 16),
    name: 'shop',
    start_time: 1_763_600_000 + number,
    end_time: 1_763_600_000.5 + number,
    ...more,
  };
}

test('BatchGetTraces returns what PutTraceSegments accepts; refusals are reported', async () => {
  await using local = await startWithClient();
  const { client } = local;
  const refused = { ...segment(2), name: 'a?b', type: 'subsegment', parent_id: entityId(1) };
  const put = await client.putTraceSegments({
    TraceSegmentDocuments: [
      JSON.stringify(segment(1)),
      JSON.stringify(refused),
      '[]',
      '{"id":"70de5b6f19ff9a0a",',
    ],
  });
  expect(put.UnprocessedTraceSegments).toEqual([
    {
      Id: entityId(32),
      ErrorCode: 'InvalidName',
      Message: 'Invalid subsegment. ErrorCode: InvalidName, Cause: null',
    },
    { ErrorCode: 'MissingId', Message: 'Invalid segment. ErrorCode: MissingId' },
    {
      Id: '70de5b6f19ff9a0a',
      ErrorCode: 'ParseError',
      Message: 'Invalid segment. ErrorCode: ParseError',
    },
  ]);
  const { Traces, UnprocessedTraceIds } = await client.batchGetTraces({
    TraceIds: [traceId(1), traceId(99)],
  });
  expect(UnprocessedTraceIds).toEqual([traceId(99)]);
  expect(Traces).toEqual([
    {
      Id: traceId(1),
      Duration: 0.5,
      LimitExceeded: false,
      Segments: [{ Id: entityId(16), Document: expect.any(String) }],
    },
  ]);
  expect(JSON.parse(Traces?.[0]?.Segments?.[0]?.Document ?? '')).toEqual(segment(1));
});

test('a trace id in W3C form finds the same trace', async () => {
  await using local = await startWithClient();
  const { client } = local;
  await client.putTraceSegments({ TraceSegmentDocuments: [JSON.stringify(segment(1))] });
  const { Traces } = await client.batchGetTraces({
    TraceIds: [traceId(1).slice(2).replace('-', '')],
  });
  expect(Traces?.map(({ Id }) => Id)).toEqual([traceId(1)]);
});

test('summaries are paged, newest first, within the range, and filtered', async () => {
  await using local = await startWithClient();
  const { client } = local;
  const all = Array.from({ length: 230 }, (_, index) =>
    segment(index + 1, { fault: index % 2 === 0, annotations: { n: index + 1 } }),
  );
  for (let from = 0; from < all.length; from += 50) {
    await client.putTraceSegments({
      TraceSegmentDocuments: all.slice(from, from + 50).map((each) => JSON.stringify(each)),
    });
  }
  const pages: number[][] = [];
  for await (const page of paginateGetTraceSummaries({ client }, { ...RANGE })) {
    pages.push(
      (page.TraceSummaries ?? []).map(({ Id }) => Number.parseInt(Id?.slice(-4) ?? '', 16)),
    );
  }
  expect(pages.map((page) => page.length)).toEqual([100, 100, 30]);
  expect(pages.flat()).toEqual(Array.from({ length: 230 }, (_, index) => 230 - index));
  const some = await client.getTraceSummaries({
    StartTime: new Date(1_763_600_010_000),
    EndTime: new Date(1_763_600_020_000),
    FilterExpression: 'fault AND annotation.n > 12',
  });
  expect(some.TraceSummaries?.map(({ Id }) => Id)).toEqual([19, 17, 15, 13].map(traceId));
  expect(some.TracesProcessedCount).toBe(10);
  const half = await client.getTraceSummaries({
    ...RANGE,
    Sampling: true,
    SamplingStrategy: { Name: 'FixedRate', Value: 0 },
  });
  expect(half.TraceSummaries).toEqual([]);
});

test('a token of another request is refused', async () => {
  await using local = await startWithClient();
  const { client } = local;
  for (let from = 0; from < 3; from++) {
    await client.putTraceSegments({
      TraceSegmentDocuments: Array.from({ length: 50 }, (_, index) =>
        JSON.stringify(segment(from * 50 + index + 1)),
      ),
    });
  }
  const { NextToken } = await client.getTraceSummaries(RANGE);
  await expect(
    client.getTraceSummaries({ ...RANGE, FilterExpression: 'ok', NextToken }),
  ).rejects.toThrow('NextToken does not belong to this request');
});

test('Event and Service ranges: when the trace was active, when a segment ended', async () => {
  await using local = await startWithClient();
  const { client } = local;
  await client.putTraceSegments({
    TraceSegmentDocuments: [
      JSON.stringify(segment(1, { end_time: 1_763_600_100 })),
      JSON.stringify(segment(2, { end_time: undefined, in_progress: true })),
    ],
  });
  const ids = async (type: 'Event' | 'Service', from: number, to: number) =>
    (
      await client.getTraceSummaries({
        StartTime: new Date(from * 1000),
        EndTime: new Date(to * 1000),
        TimeRangeType: type,
      })
    ).TraceSummaries?.map(({ Id, MatchedEventTime }) => [Id, MatchedEventTime?.getTime()]);
  expect(await ids('Event', 1_763_600_000, 1_763_600_010)).toEqual([
    [traceId(2), 1_763_600_002_000],
    [traceId(1), 1_763_600_001_000],
  ]);
  expect(await ids('Service', 1_763_600_000, 1_763_600_010)).toEqual([]);
  expect(await ids('Service', 1_763_600_050, 1_763_600_110)).toEqual([
    [traceId(1), 1_763_600_100_000],
  ]);
});

/** The sample of the guide: a client, EC2, a DynamoDB table, SNS; four requests, one of them 4xx. */
const SAMPLE = [0, 1, 2, 3].map((index) => {
  const trace = traceId(0xa0 + index);
  const at = 1_763_600_000 + index;
  const call = (id: number, name: string, start: number, end: number, aws: object) => ({
    id: entityId((0xa0 + index) * 16 + id),
    name,
    namespace: 'aws',
    start_time: at + start,
    end_time: at + end,
    aws,
    ...(index === 3 && name === 'DynamoDB'
      ? { error: true, http: { response: { status: 400 } } }
      : {}),
  });
  return {
    trace_id: trace,
    id: entityId((0xa0 + index) * 16),
    name: 'Scorekeep',
    origin: 'AWS::ElasticBeanstalk::Environment',
    start_time: at,
    end_time: at + 0.3,
    ...(index === 3 ? { http: { response: { status: 404 } } } : {}),
    subsegments: [
      call(1, 'DynamoDB', 0.1, 0.2, { table_name: 'scorekeep-user', operation: 'UpdateItem' }),
      ...(index === 0
        ? [call(2, 'SNS', 0.2, 0.25, { topic_arn: 'arn:aws:sns:x', operation: 'Publish' })]
        : []),
    ],
  };
});

const counts = (ok: number, error: number, seconds: number) => ({
  OkCount: ok,
  ErrorStatistics: { ThrottleCount: 0, OtherCount: error, TotalCount: error },
  FaultStatistics: { OtherCount: 0, TotalCount: 0 },
  TotalCount: ok + error,
  TotalResponseTime: seconds,
});

test('the service graph has the nodes, edges and counts of the requests', async () => {
  await using local = await startWithClient();
  const { client } = local;
  await client.putTraceSegments({
    TraceSegmentDocuments: SAMPLE.map((each) => JSON.stringify(each)),
  });
  const { Services = [] } = await client.getServiceGraph(RANGE);
  const named = (type: string) => Services.find(({ Type }) => Type === type);
  const app = named('AWS::ElasticBeanstalk::Environment');
  const table = named('AWS::DynamoDB::Table');
  const topic = named('AWS::SNS');
  const user = named('client');
  expect(Services).toHaveLength(4);
  expect(app).toMatchObject({
    Name: 'Scorekeep',
    Root: true,
    State: 'active',
    SummaryStatistics: counts(3, 1, 1.2),
    ResponseTimeHistogram: [{ Value: 0.3, Count: 4 }],
    StartTime: new Date(1_763_600_000_000),
    EndTime: new Date(1_763_600_003_300),
  });
  expect(table).toMatchObject({
    Name: 'scorekeep-user',
    State: 'unknown',
    SummaryStatistics: counts(3, 1, 0.4),
    Edges: [],
  });
  expect(topic).toMatchObject({ Name: 'SNS', SummaryStatistics: counts(1, 0, 0.05) });
  expect(user).toMatchObject({ Name: 'Scorekeep', State: 'unknown' });
  expect(user).not.toHaveProperty('SummaryStatistics');
  expect(user?.Edges).toEqual([
    expect.objectContaining({
      ReferenceId: app?.ReferenceId,
      SummaryStatistics: counts(3, 1, 1.2),
      Aliases: [],
    }),
  ]);
  expect(
    app?.Edges?.map(({ ReferenceId, SummaryStatistics }) => [ReferenceId, SummaryStatistics]),
  ).toEqual([
    [table?.ReferenceId, counts(3, 1, 0.4)],
    [topic?.ReferenceId, counts(1, 0, 0.05)],
  ]);
  const graph = await client.getTraceGraph({
    TraceIds: [traceId(0xa0), traceId(0xa3), traceId(7)],
  });
  expect(graph.Services?.map(({ Type }) => Type)).toHaveLength(4);
  expect(graph.Services?.find(({ Type }) => Type === app?.Type)?.SummaryStatistics).toEqual(
    counts(1, 1, 0.6),
  );
});

test('the graph of a group contains only matching traces', async () => {
  await using local = await startWithClient();
  const { client } = local;
  await client.putTraceSegments({
    TraceSegmentDocuments: SAMPLE.map((each) => JSON.stringify(each)),
  });
  await client.createGroup({ GroupName: 'bad', FilterExpression: 'error' });
  const { Services } = await client.send(
    new GetServiceGraphCommand({ ...RANGE, GroupName: 'bad' }),
  );
  expect(Services?.find(({ Root }) => Root)?.SummaryStatistics).toEqual(counts(0, 1, 0.3));
});

test('statistics in windows: of all edges, of one service, of one edge', async () => {
  await using local = await startWithClient();
  const { client } = local;
  await client.putTraceSegments({
    TraceSegmentDocuments: SAMPLE.map((each) => JSON.stringify(each)),
  });
  const series = async (EntitySelectorExpression?: string) =>
    (
      await client.getTimeSeriesServiceStatistics({ ...RANGE, Period: 2, EntitySelectorExpression })
    ).TimeSeriesServiceStatistics?.map(
      ({ Timestamp, EdgeSummaryStatistics, ServiceSummaryStatistics }) => [
        (Timestamp?.getTime() ?? 0) / 1000 - 1_763_600_000,
        (EdgeSummaryStatistics ?? ServiceSummaryStatistics)?.TotalCount,
        ServiceSummaryStatistics !== undefined,
      ],
    );
  expect(await series()).toEqual([
    [0, 5, false],
    [2, 4, false],
  ]);
  expect(await series('service("Scorekeep")')).toEqual([
    [0, 2, true],
    [2, 2, true],
  ]);
  expect(await series('id(type: "AWS::SNS")')).toEqual([[0, 1, true]]);
  expect(await series('edge("Scorekeep", "scorekeep-user")')).toEqual([
    [0, 2, false],
    [2, 2, false],
  ]);
  await expect(series('fault')).rejects.toThrow('Error Location: line 1, position 1 :');
  await expect(
    client.getTimeSeriesServiceStatistics({ ...RANGE, ForecastStatistics: true }),
  ).rejects.toThrow('ForecastStatistics needs an EntitySelectorExpression');
});

test('BatchGetTraces pages when a reply would be too large', async () => {
  await using local = await startWithClient();
  const { client } = local;
  const fat = (number: number, part: number) =>
    JSON.stringify(
      segment(number, {
        id: entityId(number * 1_000 + part),
        metadata: { d: { text: 'x'.repeat(64_000) } },
      }),
    );
  const ids = [1, 2, 3].map(traceId);
  for (const number of [1, 2, 3]) {
    await client.putTraceSegments({
      TraceSegmentDocuments: Array.from({ length: 40 }, (_, part) => fat(number, part)),
    });
  }
  const pages: (string | undefined)[][] = [];
  for await (const page of paginateBatchGetTraces({ client }, { TraceIds: ids })) {
    pages.push((page.Traces ?? []).map(({ Id }) => Id));
  }
  expect(pages).toEqual([[traceId(1), traceId(2)], [traceId(3)]]);
  const { Traces } = await client.batchGetTraces({ TraceIds: [traceId(1)] });
  expect(Traces?.[0]?.LimitExceeded).toBe(true);
});
