import { indexedAttributes } from './blocks/annotations.ts';
import { metadataOf, sharedMetadata } from './blocks/metadata.ts';
import { segmentName } from './blocks/name.ts';
import { KIND } from './context/span-traits.ts';
import { linksOfView, originOf, platformOf, type View } from './context/translation-context.ts';
import type { SegmentDocument } from './document.ts';
import { type Draft, NO_LEFTOVERS } from './partial-document.ts';

/** What only the dependency part of a split says (section 1.5). */
const DEPENDENCY_ONLY: ReadonlySet<string> = new Set([
  'aws.remote.service',
  'aws.remote.operation',
  'remoteTarget',
  'K8s.RemoteNamespace',
]);

/**
 * The service part of a split: a segment that stands for this service, above the call (section 1.5).
 *
 * It has the call's times and flags and points to its exception; what it says besides is the resource.
 *
 * @param id of the segment, the call's parent
 * @param arn of the AWS resource that the service runs on
 * @param dependency the call
 */
export function serviceSegment(
  view: View,
  id: string,
  arn: string | undefined,
  dependency: SegmentDocument,
): Draft {
  const { span, reader, facts, envelope, parent, resource, settings } = view;
  const { cause } = dependency;
  const { annotations, told } = indexedAttributes(reader, resource, settings, DEPENDENCY_ONLY);
  const shared = sharedMetadata(reader, told, resource.metadata);
  const rest = shared === undefined ? resource.metadata : undefined;
  const document: SegmentDocument = {
    name: segmentName(span.name, reader, resource),
    id,
    trace_id: envelope.traceId,
    parent_id: parent.id,
    type: undefined,
    namespace: undefined,
    start_time: dependency.start_time,
    end_time: dependency.end_time,
    in_progress: dependency.in_progress,
    error: dependency.error,
    fault: dependency.fault,
    throttle: dependency.throttle,
    traced: undefined,
    http: undefined,
    aws: platformOf(reader, resource),
    sql: undefined,
    cause: typeof cause === 'object' ? cause.exceptions[0]?.id : undefined,
    user: undefined,
    origin: originOf(view),
    resource_arn: arn,
    service: resource.service,
    annotations,
    metadata: metadataOf(reader, told, rest, false, undefined, undefined, settings),
    links: facts.kind === KIND.CONSUMER ? linksOfView(view) : undefined,
  };
  return { document, shared, leftovers: NO_LEFTOVERS };
}
