import { cleanName } from '../../../src/translator/blocks/name.ts';
import { KIND } from '../../../src/translator/context/span-traits.ts';
import {
  blank,
  type DifferenceClass,
  hostNamed,
  isHostOf,
  isText,
  methodService,
  named,
  serviceName,
} from './facts.ts';

/** Differences in the kind of document, name, namespace and user. */
export const SHAPES_AND_NAMES: readonly DifferenceClass[] = [
  {
    row: 'B-10',
    about: 'a root call becomes a service segment and a dependency subsegment',
    fields: ['count', 'type', 'parent_id'],
    when: (_, f) => f.isSplitByUs,
  },
  {
    row: 'B-09',
    about: 'a consumer with a local parent becomes a subsegment',
    fields: ['type'],
    when: ({ ours }, f) =>
      f.kind === KIND.CONSUMER && f.hasParent && !f.isRemote && ours === 'subsegment',
  },
  {
    row: 'B-07',
    about: 'an internal span with a remote parent becomes a segment',
    fields: ['type'],
    when: ({ theirs, ours }, f) => f.isRemote && theirs === 'subsegment' && ours === undefined,
  },
  {
    row: 'B-07',
    about: 'the split of a LOCAL_ROOT span is the same; both give the service segment a random id',
    fields: ['parent_id'],
    when: (_, f) => f.isMarkedRoot && f.kind !== KIND.SERVER && f.kind !== KIND.INTERNAL,
  },
  {
    row: 'B-15',
    about: 'a segment is named after its service',
    fields: ['name'],
    when: ({ ours, span }, f) =>
      f.isSegment && (ours === serviceName(f) || ours === (cleanName(span.name) || 'span')),
  },
  {
    row: 'B-14',
    about: 'invalid characters are removed from names of every source',
    fields: ['name'],
    when: ({ theirs, ours }) =>
      blank(theirs) || (ours === (cleanName(String(theirs)) || 'span') && ours !== theirs),
  },
  {
    row: '2.3 row 2',
    about: 'service.peer.name is the name of the callee',
    fields: ['name'],
    when: ({ ours }, f) => !f.isSegment && ours === named(f, 'service.peer.name', 'peer.service'),
  },
  {
    row: 'B-16',
    about: 'an AWS SDK call is named after the service',
    fields: ['name'],
    when: ({ ours }, f) =>
      f.isSdk &&
      (ours === named(f, 'aws.service', 'rpc.service') ||
        ours === methodService(f) ||
        [`AWS.SDK.${ours}`, `AWS::${ours}`].includes(String(f.a['aws.remote.service']))),
  },
  {
    row: 'B-39',
    about: 'a database call is named database@host, or the host, or the system (2.3 rows 5 and 6)',
    fields: ['name'],
    when: ({ ours }, f) =>
      (isText(f.a['db.system.name']) || isText(f.a['db.system'])) &&
      (String(ours).includes('@') ||
        ours === named(f, 'db.namespace', 'db.name') ||
        ours === hostNamed(f, 'server.address', 'net.peer.name') ||
        /^(?:db\.example|h|localhost)$/.test(String(ours)) ||
        ours === named(f, 'db.system.name', 'db.system')),
  },
  {
    row: '2.3 row 7',
    about: 'a messaging call is named after the destination',
    fields: ['name'],
    when: ({ ours }, f) =>
      ours === named(f, 'messaging.destination.name', 'messaging.destination') ||
      ours === named(f, 'messaging.system'),
  },
  {
    row: '2.3 row 8',
    about: 'a function call is named after the function',
    fields: ['name'],
    when: ({ ours }, f) => f.kind === KIND.CLIENT && ours === named(f, 'faas.invoked_name'),
  },
  {
    row: '2.3 row 9',
    about: 'an RPC is named after its service',
    fields: ['name'],
    when: ({ ours }, f) => ours === named(f, 'rpc.service') || ours === methodService(f),
  },
  {
    row: '2.3 row 10b',
    about: 'a model call without a host is named after the provider',
    fields: ['name'],
    when: ({ ours }, f) =>
      !f.isSegment && ours === named(f, 'gen_ai.provider.name', 'gen_ai.system'),
  },
  {
    row: 'B-17',
    about: 'a call is named after the host without port, also with the new attribute names',
    fields: ['name'],
    when: ({ ours, span }, f) =>
      !f.isSegment && (isHostOf(ours, f) || ours === (cleanName(span.name) || 'span')),
  },
  {
    row: 'B-10',
    about: 'segments have no namespace, dependencies always have one',
    fields: ['namespace'],
    when: ({ ours }, f) => (f.isSegment ? ours === undefined : f.isSplitByUs && ours !== undefined),
  },
  {
    row: 'B-18',
    about: 'an SQL subsegment is always remote',
    fields: ['namespace'],
    when: ({ ours }, f) => ours === 'remote' && ('db.system' in f.a || 'db.system.name' in f.a),
  },
  {
    row: 'B-16',
    about: 'rpc.system.name is supported, and a consumer subsegment may have the namespace aws',
    fields: ['namespace'],
    when: ({ ours }, f) => ours === 'aws' && f.isSdk,
  },
  {
    row: 'B-09',
    about: 'a consumer subsegment does not get the namespace of a segment',
    fields: ['namespace'],
    when: (_, f) => f.kind === KIND.CONSUMER && !f.isSegment,
  },
  {
    row: '2.5',
    about: 'aws.service determines the namespace only if it determines the name',
    fields: ['namespace'],
    when: (_, f) =>
      named(f, 'aws.service') !== undefined &&
      (named(f, 'service.peer.name', 'peer.service') !== undefined ||
        named(f, 'aws.remote.service') !== undefined),
  },
  {
    row: 'B-42',
    about: 'user.id, numeric users and enduser.id are supported',
    fields: ['user'],
    when: ({ ours }, f) =>
      ours === String(f.a['user.id']).slice(0, 250) || ours === String(f.a['enduser.id']),
  },
  {
    row: 'B-10',
    about: 'the user is in the document of the span, not in the service segment',
    fields: ['user'],
    when: ({ ours }, f) => ours === undefined && blank(f.a['user.id']) && blank(f.a['enduser.id']),
  },
  {
    row: 'B-04',
    about: 'aws.service is ignored for the name if it is not a string',
    fields: ['namespace'],
    when: (_, f) => 'aws.service' in f.a && !isText(f.a['aws.service']),
  },
];
