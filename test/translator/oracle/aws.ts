import {
  blank,
  type DifferenceClass,
  isListed,
  keysOf,
  otherCloud,
  QUEUE_SOURCES,
  shown,
  TABLE_SOURCES,
} from './facts.ts';

/** Differences in the `aws` block and in annotations. */
const MODEL_KEYS: readonly string[] = [
  'gen_ai.request.model',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
];

export const AWS_AND_ANNOTATIONS: readonly DifferenceClass[] = [
  {
    row: 'section 10',
    about: 'names and ids are truncated to 250 characters',
    fields: ['aws.table_name', 'aws.operation', 'aws.request_id', 'user'],
    when: ({ theirs, ours }) =>
      String(ours).length >= 249 && String(theirs).startsWith(String(ours)),
  },
  {
    row: 'B-34',
    about: "the account of a subsegment is the callee's and has twelve digits",
    fields: ['aws.account_id'],
    when: ({ theirs, ours }, f) =>
      (ours === undefined && !f.isSegment && theirs === f.resource['cloud.account.id']) ||
      (ours === undefined && !/^\d{12}$/.test(String(theirs))) ||
      (blank(theirs) && ours === f.resource['cloud.account.id']),
  },
  {
    row: 'B-32',
    about: 'an AWS SDK call from another cloud keeps its fields',
    fields: [
      'aws.operation',
      'aws.account_id',
      'aws.region',
      'aws.request_id',
      'aws.queue_url',
      'aws.table_name',
      'aws.table_names',
    ],
    when: ({ theirs }, f) => theirs === undefined && f.isSdk && otherCloud(f),
  },
  {
    row: 'B-35',
    about: 'attribute names of the JavaScript instrumentation are supported',
    fields: ['aws.region', 'aws.request_id'],
    when: ({ theirs, ours }, f) =>
      theirs === undefined &&
      ['aws.request_id', 'aws.requestId', 'aws.request.id', 'cloud.region'].some(
        (key) => ours === f.a[key],
      ),
  },
  {
    row: 'B-01',
    about: 'several request ids: the first name takes precedence',
    fields: ['aws.request_id'],
    when: ({ ours }, f) => ours === f.a['aws.request_id'] && 'aws.requestId' in f.a,
  },
  {
    row: 'B-33',
    about: 'rpc.method is the operation only for the AWS SDK, without the service',
    fields: ['aws.operation'],
    when: ({ theirs, ours }, f) =>
      (theirs === f.a['rpc.method'] && (!f.isSdk || String(theirs).endsWith(`/${ours}`))) ||
      (theirs === f.a['rpc.method'] && ours === f.a['aws.operation']),
  },
  {
    row: '5.1',
    about: 'the newest name for the operation of the AWS SDK is supported',
    fields: ['aws.operation'],
    when: ({ ours }, f) => f.isSdk && String(f.a['rpc.method']).endsWith(String(ours)),
  },
  {
    row: '5.1',
    about: 'several queue URLs: the first string takes precedence',
    fields: ['aws.queue_url'],
    when: ({ ours }, f) => QUEUE_SOURCES.some((key) => ours === shown(f.a[key])),
  },
  {
    row: '5.1 (docs/rationale.md)',
    about: 'messaging.url of another system is not an AWS queue',
    fields: ['aws.queue_url'],
    when: ({ theirs, ours }, f) =>
      ours === undefined &&
      theirs === f.a['messaging.url'] &&
      !/^aws|^amazon/i.test(String(f.a['messaging.system'])),
  },
  {
    row: '5.1',
    about: 'table names from several sources, arrays, and the database of a DynamoDB call',
    fields: ['aws.table_name', 'aws.table_names'],
    when: (_, f) =>
      TABLE_SOURCES.filter((key) => key in f.a).length > 1 ||
      TABLE_SOURCES.some((key) => Array.isArray(f.a[key])) ||
      f.a['rpc.service'] === 'DynamoDB' ||
      ['dynamodb', 'aws.dynamodb'].includes(String(f.a['db.system.name'] ?? f.a['db.system'])),
  },
  {
    row: 'B-43',
    about: 'aws.xray.annotations may be a string and may list attributes that a block uses',
    fields: ['annotations'],
    when: ({ ours }, f) =>
      'aws.xray.annotations' in f.a &&
      keysOf(ours).every((key) => isListed(key, f) || MODEL_KEYS.includes(key)),
  },
  {
    row: 'B-53',
    about: 'model and tokens of a model call are annotations',
    fields: ['annotations'],
    when: ({ theirs, ours }) => {
      const own = keysOf(ours).filter((key) => MODEL_KEYS.includes(key));
      return own.length > 0 && keysOf(ours).length === keysOf(theirs).length + own.length;
    },
  },
];
