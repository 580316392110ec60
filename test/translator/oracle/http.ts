import {
  type DifferenceClass,
  type ExceptionRow,
  hasException,
  hasHost,
  hasHttpSign,
  isBuiltFrom,
  isCutOf,
  isSameButForKind,
  isStatus,
  isSubsequence,
  isText,
  list,
  shown,
  statusValues,
  withoutMicrosecond,
  withType,
} from './facts.ts';

const QUOTED_ARGUMENTS = /( with args beginning with: ).+$/s;

/** Differences in flags, the `http` block and the cause. */
export const HTTP_AND_ERRORS: readonly DifferenceClass[] = [
  {
    row: 'B-01',
    about: 'two status attributes with different values: the stable name takes precedence',
    fields: ['error', 'fault', 'throttle', 'http.response.status'],
    when: (_, f) =>
      'http.status_code' in f.a &&
      'http.response.status_code' in f.a &&
      f.a['http.status_code'] !== f.a['http.response.status_code'],
  },
  {
    row: 'B-02',
    about: 'a status may be a string',
    fields: ['error', 'fault', 'throttle', 'http.response.status'],
    when: (_, f) => statusValues(f).some((value) => typeof value === 'string'),
  },
  {
    row: '3.2',
    about: 'a status that is not a number from 100 to 599 is ignored',
    fields: ['error', 'fault', 'throttle', 'http.response.status'],
    when: (_, f) => statusValues(f).some((value) => !isStatus(value)),
  },
  {
    row: 'B-27',
    about: 'AWS throttling errors and gRPC codes set flags',
    fields: ['error', 'fault', 'throttle'],
    when: (_, f) => f.isSdk || 'rpc.grpc.status_code' in f.a || 'rpc.response.status_code' in f.a,
  },
  {
    row: 'B-19',
    about: 'the original method replaces _OTHER',
    fields: ['http.request.method'],
    when: ({ ours }, f) => ours === f.a['http.request.method_original'],
  },
  {
    row: 'B-01',
    about: 'several methods: the stable name takes precedence, blank ones are ignored',
    fields: ['http.request.method'],
    when: ({ ours }, f) =>
      ['http.request.method', 'http.method', 'http.request.method_original'].some(
        (key) => ours === f.a[key],
      ),
  },
  {
    row: 'B-04',
    about: 'blank and invalid values are ignored',
    fields: [
      'http.request.method',
      'http.request.user_agent',
      'aws.operation',
      'aws.account_id',
      'aws.queue_url',
      'aws.table_name',
    ],
    when: ({ ours, theirs }) =>
      ours === undefined &&
      (typeof theirs !== 'string' || theirs.trim() === '' || theirs === 'true'),
  },
  {
    row: 'B-01',
    about: 'two user agents: the stable name takes precedence, blank ones are ignored',
    fields: ['http.request.user_agent'],
    when: ({ ours }, f) => ours === f.a['user_agent.original'] || ours === f.a['http.user_agent'],
  },
  {
    row: 'section 10',
    about: 'a user agent is truncated to 1,024 characters',
    fields: ['http.request.user_agent'],
    when: ({ ours, theirs }) =>
      String(theirs).startsWith(String(ours)) && String(ours).length >= 1_023,
  },
  {
    row: 'B-26',
    about: 'url.full of a queue call is the URL of the queue',
    fields: ['http.request.url', 'aws.queue_url'],
    when: (_, f) =>
      f.isSdk &&
      /^(?:aws_sqs|AmazonSQS|aws\.sqs)$/.test(String(f.a['messaging.system'])) &&
      'url.full' in f.a,
  },
  {
    row: 'B-25',
    about: 'URLs contain no user info, fragments, secrets or white space',
    fields: ['http.request.url', 'aws.queue_url'],
    when: ({ theirs, ours }) => typeof theirs === 'string' && ours === shown(theirs),
  },
  {
    row: 'B-01',
    about: 'several URLs: the stable name takes precedence, blank ones are ignored',
    fields: ['http.request.url'],
    when: ({ ours }, f) =>
      ['url.full', 'http.url'].filter((key) => key in f.a).length > 0 &&
      ours === shown(f.a[isText(f.a['url.full']) ? 'url.full' : 'http.url']),
  },
  {
    row: 'B-04',
    about: 'there is no URL without a host',
    fields: ['http.request.url'],
    when: ({ theirs, ours }, f) =>
      ours === undefined && (!hasHost(f) || !hasHttpSign(f)) && String(theirs).includes('://'),
  },
  {
    row: 'B-24',
    about: 'URLs are also built from the new names, with a valid host, port, path and query',
    fields: ['http.request.url'],
    when: ({ ours }, f) =>
      !isText(f.a['url.full']) && !isText(f.a['http.url']) && isBuiltFrom(String(ours), f),
  },
  {
    row: 'B-16',
    about: 'failed AWS SDK attempts are exceptions with rpc.system.name, too',
    fields: ['cause'],
    when: ({ ours, theirs }, f) =>
      f.isSdk &&
      f.a['rpc.system'] !== 'aws-api' &&
      list(ours).some(([type]) => type === 'aws.http.error.event') &&
      list(theirs).length <= list(ours).length,
  },
  {
    row: 'B-28',
    about: 'an exception from the status has the type in error.type, and remote',
    fields: ['cause'],
    when: ({ theirs, ours, span }) =>
      span.status.code === 2 &&
      list(ours).length === 1 &&
      list(theirs).length <= 1 &&
      !hasException(span),
  },
  {
    row: 'B-31',
    about: 'causes in a stack trace are separate exceptions',
    fields: ['cause'],
    when: ({ theirs, ours, span }) =>
      hasException(span) && isSubsequence(list(theirs).map(withType), list(ours)),
  },
  {
    row: 'B-25',
    about: 'arguments that Redis quotes in the error of an unknown command are left out',
    fields: ['cause'],
    when: ({ theirs, ours }) =>
      list(theirs).some(([, message]) => QUOTED_ARGUMENTS.test(message)) &&
      areInOrder(
        list(theirs).map(([type, message, remote]) => [
          type,
          message.replace(QUOTED_ARGUMENTS, '$1…'),
          remote,
        ]),
        list(ours),
      ),
  },
  {
    row: 'B-48',
    about: 'numeric types are ignored, and a failure in this process is not remote',
    fields: ['cause'],
    when: ({ theirs, ours }) => areInOrder(list(theirs), list(ours)),
  },
  {
    row: 'B-48',
    about: 'no exception of a request without a response is remote',
    fields: ['cause'],
    when: ({ theirs, ours }, f) =>
      ('http.request.method' in f.a || 'http.method' in f.a) &&
      list(ours).every(([, , remote]) => !remote) &&
      areInOrder(
        list(theirs).map(([type, message]) => withType([type, message, false])),
        list(ours),
      ),
  },
  {
    row: 'B-52',
    about: 'a span of a library above a database driver is local',
    fields: ['name', 'namespace', 'cause'],
    when: (_, f) => 'knex.version' in f.a,
  },
  {
    row: 'B-06',
    about: 'the time in the message of a failed attempt is rounded to microseconds',
    fields: ['cause'],
    when: ({ theirs, ours }) =>
      isSubsequence(list(theirs).map(withoutMicrosecond), list(ours).map(withoutMicrosecond)),
  },
  {
    row: '4.4',
    about: 'a Java cause without frames ends where the next one starts',
    fields: ['cause'],
    when: ({ theirs, ours }) =>
      list(theirs).length < list(ours).length &&
      list(theirs).some(([, message]) => message.includes('Caused by: ')),
  },
  {
    row: 'section 10',
    about: 'types and messages are truncated, and types are converted to strings',
    fields: ['cause'],
    when: ({ theirs, ours }) =>
      list(theirs).length === list(ours).length &&
      list(theirs).every((item, i) => isCutOf(item, list(ours)[i])),
  },
];

/** Whether the exceptions of the Collector are among ours, in this order. */
function areInOrder(theirs: readonly ExceptionRow[], ours: readonly ExceptionRow[]): boolean {
  const others = [...ours];
  return theirs.every((item) => {
    const at = others.findIndex((other) => isSameButForKind(item, other));
    others.splice(0, at + 1);
    return at !== -1;
  });
}
