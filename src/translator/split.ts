import { selectAnnotations } from './blocks/annotations.ts';
import { linkBlocks } from './blocks/links.ts';
import { metadataOf, sharedResourceMetadata } from './blocks/metadata.ts';
import { segmentName } from './blocks/name.ts';
import { segmentOrigin } from './blocks/origin.ts';
import { platformFields } from './blocks/platform.ts';
import { MODEL_ANNOTATIONS } from './context/model-keys.ts';
import { KIND } from './context/span-traits.ts';
import type { TranslationContext } from './context/translation-context.ts';
import type { SegmentDocument } from './document.ts';
import { NO_UNMAPPED, type PartialDocument } from './partial-document.ts';
import { xrayTraceId } from './values/ids.ts';

/**
 * Attributes that only the dependency part of a split shows (docs/spec/translation.md section 1.5).
 */
const DEPENDENCY_ONLY: ReadonlySet<string> = new Set([
  'aws.remote.service',
  'aws.remote.operation',
  'remoteTarget',
  'K8s.RemoteNamespace',
  // Tokens count once.
  ...MODEL_ANNOTATIONS.keys(),
]);

/**
 * Creates the service part of a split: a segment that stands for this service, above the call
 * (docs/spec/translation.md section 1.5).
 *
 * It has the times and flags of the call and refers to its exception; everything else is the
 * resource's.
 *
 * @param id of the segment, the call's parent
 * @param arn of the AWS resource that the service runs on
 * @param dependency the call
 */
export function serviceSegment(
  context: TranslationContext,
  id: string,
  arn: string | undefined,
  dependency: SegmentDocument,
): PartialDocument {
  const { span, reader, traits, envelope, parent, resource, settings } = context;
  const { cause } = dependency;
  const { annotations, coveredKeys } = selectAnnotations(
    reader,
    resource,
    settings,
    DEPENDENCY_ONLY,
  );
  const resourceMetadata = sharedResourceMetadata(reader, coveredKeys, resource.metadata);
  const rest = resourceMetadata === undefined ? resource.metadata : undefined;
  const document: SegmentDocument = {
    name: segmentName(span.name, reader, resource),
    id,
    trace_id: xrayTraceId(envelope.traceId),
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
    aws: platformFields(reader, resource),
    sql: undefined,
    cause: typeof cause === 'object' ? cause.exceptions[0]?.id : undefined,
    user: undefined,
    origin: segmentOrigin(context),
    resource_arn: arn,
    service: resource.service,
    annotations,
    metadata: metadataOf(reader, coveredKeys, rest, false, undefined, undefined, settings),
    links: traits.kind === KIND.CONSUMER ? linkBlocks(context) : undefined,
  };
  return { document, resourceMetadata, unmapped: NO_UNMAPPED };
}
