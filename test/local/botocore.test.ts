import { expect, onTestFinished, test } from 'vitest';
import { startXRay } from '../../src/testing.ts';
import { hasPython, runPython } from '../support/python.ts';

/** Calls every operation of X-Ray's API with botocore, the client of the AWS CLI; prints one JSON line each. */
const CALLS = `
import json, os, time, datetime
import botocore.session
s = botocore.session.get_session()
s.set_credentials('any', 'any')
c = s.create_client('xray', region_name='eu-west-1', endpoint_url=os.environ['XRAY_URL'])
out = {}
def name(call, **args):
    try:
        call(**args)
        return 'taken'
    except Exception as e:
        return type(e).__name__ + ' ' + str(e.response['ResponseMetadata']['HTTPStatusCode']) + ' ' + str(e.response['ResponseMetadata']['RetryAttempts'])
start, end = datetime.datetime.fromtimestamp(1763599000), datetime.datetime.fromtimestamp(1763700000)
def doc(n):
    return json.dumps({'trace_id': '1-691e66c0-%024x' % n, 'id': '%016x' % n, 'name': 'shop', 'start_time': 1763600000 + n, 'end_time': 1763600001 + n, 'fault': n % 2 == 0})
for i in range(0, 250, 50):
    out['put'] = c.put_trace_segments(TraceSegmentDocuments=[doc(n) for n in range(i + 1, i + 51)])['UnprocessedTraceSegments']
out['telemetry'] = name(c.put_telemetry_records, TelemetryRecords=[{'Timestamp': 1763600000, 'SegmentsReceivedCount': 1}])
out['pages'] = [len(p['TraceSummaries']) for p in c.get_paginator('get_trace_summaries').paginate(StartTime=start, EndTime=end)]
out['faults'] = len(c.get_paginator('get_trace_summaries').paginate(StartTime=start, EndTime=end, FilterExpression='fault').build_full_result()['TraceSummaries'])
t = c.batch_get_traces(TraceIds=['1-691e66c0-%024x' % 1, '1-691e66c0-%024x' % 999])
out['trace'] = [[s['Id'] for s in x['Segments']] for x in t['Traces']] + t['UnprocessedTraceIds']
out['graph'] = sorted(x.get('Type', '') for x in c.get_trace_graph(TraceIds=['1-691e66c0-%024x' % 1])['Services'])
out['services'] = [x['SummaryStatistics']['TotalCount'] for x in c.get_service_graph(StartTime=start, EndTime=end)['Services'] if x.get('Root')]
out['series'] = sum(x['EdgeSummaryStatistics']['TotalCount'] for x in c.get_time_series_service_statistics(StartTime=start, EndTime=end)['TimeSeriesServiceStatistics'])
rule = {'RuleName': 'r', 'ResourceARN': '*', 'Priority': 9000, 'FixedRate': 0.1, 'ReservoirSize': 5, 'ServiceName': '*', 'ServiceType': '*', 'Host': '*', 'HTTPMethod': '*', 'URLPath': '*', 'Version': 1, 'Attributes': {'a': 'b'}}
out['rule'] = c.create_sampling_rule(SamplingRule=rule)['SamplingRuleRecord']['SamplingRule']['RuleARN']
out['update'] = c.update_sampling_rule(SamplingRuleUpdate={'RuleName': 'r', 'FixedRate': 0.2})['SamplingRuleRecord']['SamplingRule']['FixedRate']
out['rules'] = [r['SamplingRule']['RuleName'] for r in c.get_sampling_rules()['SamplingRuleRecords']]
out['target'] = c.get_sampling_targets(SamplingStatisticsDocuments=[{'RuleName': 'r', 'ClientID': 'a' * 24, 'Timestamp': time.time(), 'RequestCount': 3, 'SampledCount': 1}])['SamplingTargetDocuments'][0]['ReservoirQuota']
out['summaries'] = c.get_sampling_statistic_summaries()['SamplingStatisticSummaries'][0]['RequestCount']
out['delete'] = c.delete_sampling_rule(RuleName='r')['SamplingRuleRecord']['SamplingRule']['RuleName']
arn = c.create_group(GroupName='g', FilterExpression='fault')['Group']['GroupARN']
out['group'] = c.get_group(GroupARN=arn)['Group']['FilterExpression']
out['updated'] = c.update_group(GroupName='g', FilterExpression='ok')['Group']['FilterExpression']
out['groups'] = [g['GroupName'] for g in c.get_groups()['Groups']]
c.tag_resource(ResourceARN=arn, Tags=[{'Key': 'a', 'Value': 'b'}, {'Key': 'c', 'Value': 'd'}])
c.untag_resource(ResourceARN=arn, TagKeys=['a'])
out['tags'] = c.list_tags_for_resource(ResourceARN=arn)['Tags']
out['encryption'] = c.get_encryption_config()['EncryptionConfig']
out['destination'] = c.get_trace_segment_destination()['Destination']
out['policy'] = c.put_resource_policy(PolicyName='p', PolicyDocument='{}')['ResourcePolicy']['PolicyRevisionId']
out['policies'] = len(c.list_resource_policies()['ResourcePolicies'])
c.delete_resource_policy(PolicyName='p')
c.delete_group(GroupName='g')
out['errors'] = [
  name(c.get_trace_summaries, StartTime=start, EndTime=end, FilterExpression='duration <'),
  name(c.get_group, GroupName='none'),
  name(c.list_tags_for_resource, ResourceARN='arn:x'),
  name(c.tag_resource, ResourceARN=c.create_group(GroupName='t')['Group']['GroupARN'], Tags=[{'Key': str(i), 'Value': ''} for i in range(51)]),
  name(c.put_resource_policy, PolicyName='p', PolicyDocument='no'),
  name(c.put_resource_policy, PolicyName='p', PolicyDocument='{}', PolicyRevisionId='5'),
  name(c.get_insight, InsightId='0' * 36),
]
try:
    c.get_trace_summaries(StartTime=start, EndTime=end, FilterExpression='duration < ')
except c.exceptions.InvalidRequestException as e:
    out['message'] = e.response['Error']['Message']
print(json.dumps(out))
`;

import { PATIENT } from '../support/local-xray.ts';

test.skipIf(!hasPython())('botocore drives every operation, page and error', async () => {
  const xray = await startXRay({ defaultRate: 0.05 });
  onTestFinished(() => xray.close());
  const printed = await runPython(CALLS, { XRAY_URL: xray.url, AWS_EC2_METADATA_DISABLED: 'true' });
  expect(JSON.parse(printed)).toEqual({
    put: [],
    telemetry: 'taken',
    pages: [100, 100, 50],
    faults: 125,
    trace: [['0000000000000001'], `1-691e66c0-${(999).toString(16).padStart(24, '0')}`],
    graph: ['', 'client'],
    services: [250],
    series: 250,
    rule: expect.stringMatching(/:sampling-rule\/r$/),
    update: 0.2,
    rules: ['r', 'Default'],
    target: 5,
    summaries: 3,
    delete: 'r',
    group: 'fault',
    updated: 'ok',
    groups: ['Default', 'g'],
    tags: [{ Key: 'c', Value: 'd' }],
    encryption: { Type: 'NONE', Status: 'ACTIVE' },
    destination: 'XRay',
    policy: '1',
    policies: 1,
    errors: [
      'InvalidRequestException 400 0',
      'InvalidRequestException 400 0',
      'ResourceNotFoundException 404 0',
      'TooManyTagsException 400 0',
      'MalformedPolicyDocumentException 400 0',
      'InvalidPolicyRevisionIdException 400 0',
      'ClientError 501 0',
    ],
    message:
      "Error Location: line 1, position 12 : Invalid input symbol: 'duration < ' (expected a number, but the expression ends here)",
  });
});

const LEGACY_APP = `
from aws_xray_sdk.core import xray_recorder
xray_recorder.configure(service='legacy-python', sampling=False, streaming_threshold=1)
segment = xray_recorder.begin_segment('legacy-python')
segment.put_annotation('customer', 'c-2')
xray_recorder.begin_subsegment('SQS', namespace='aws').set_aws({'operation': 'SendMessage', 'queue_url': 'https://q'})
xray_recorder.end_subsegment()
xray_recorder.end_segment()
print(segment.trace_id)
`;

test.skipIf(!hasPython())('the X-Ray SDK for Python sends a complete trace', async () => {
  const xray = await startXRay();
  onTestFinished(() => xray.close());
  const printed = await runPython(LEGACY_APP, { AWS_XRAY_DAEMON_ADDRESS: xray.daemonAddress });
  const trace = await xray.waitFor(({ partial }) => !partial, PATIENT);
  expect(trace.id).toBe(printed.trim());
  expect(trace.documents).toMatchObject([
    {
      name: 'legacy-python',
      annotations: { customer: 'c-2' },
      subsegments: [{ name: 'SQS', namespace: 'aws', aws: { queue_url: 'https://q' } }],
    },
  ]);
});
