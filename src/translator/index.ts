import { selectAnnotations } from './blocks/annotations.ts';
import { awsBlock } from './blocks/aws.ts';
import { causeOf } from './blocks/cause.ts';
import { eventRecords } from './blocks/events.ts';
import { flagsOf } from './blocks/flags.ts';
import { givenFields, withGivenFields } from './blocks/given-fields.ts';
import { httpBlock } from './blocks/http.ts';
import { linkBlocks } from './blocks/links.ts';
import {
  diagnosticsMetadata,
  metadataOf,
  sharedResourceMetadata,
  unmappedAttributes,
} from './blocks/metadata.ts';
import { namespaceOf, segmentName, subsegmentName } from './blocks/name.ts';
import { resourceArn, segmentOrigin } from './blocks/origin.ts';
import { platformFields } from './blocks/platform.ts';
import { resourceParts } from './blocks/resource.ts';
import { sqlBlock } from './blocks/sql.ts';
import { tracedFlag } from './blocks/traced.ts';
import { userOf } from './blocks/user.ts';
import type { AttributeObserver } from './context/access-recorder.ts';
import { type AttributeReader, names, releaseReader, takeReader } from './context/attributes.ts';
import { type DocumentKind, documentKind, parentOf } from './context/document-kind.ts';
import { type Envelope, envelopeOf } from './context/envelope.ts';
import {
  type DropReason,
  type Settings,
  settingsOf,
  type TranslatorOptions,
} from './context/options.ts';
import { KIND, spanTraits } from './context/span-traits.ts';
import type { TranslationContext } from './context/translation-context.ts';
import type { SegmentDocument } from './document.ts';
import { NO_UNMAPPED, type PartialDocument, toDocument } from './partial-document.ts';
import type { TranslatableSpan } from './span.ts';
import { serviceSegment } from './split.ts';
import { xrayTraceId } from './values/ids.ts';
import { secondsOf } from './values/time.ts';

const NAMES = { inProgress: names('aws.xray.inprogress') } as const;

/**
 * Attributes that control the translation and never appear in a document
 * (docs/spec/translation.md section 8.10).
 */
const CONTROL_ATTRIBUTES = names(
  'aws.span.kind',
  'aws.is.local.root',
  'aws.xray.layer',
  'aws.xray.transport',
);

/** A shared object, because settings are computed once per options object. */
const DEFAULTS: TranslatorOptions = {};
const NO_DOCUMENTS: readonly PartialDocument[] = [];

/**
 * Translates a finished span into X-Ray segment documents.
 *
 * Never throws. If a span cannot be translated, returns no documents and calls `options.onDrop`.
 *
 * @returns one document; two for a root span that is an outgoing call, the dependency subsegment
 *   first; none if the span was dropped
 * @see docs/spec/translation.md; the blocks are named after its sections
 */
export function toDocuments(
  span: TranslatableSpan,
  options: TranslatorOptions = DEFAULTS,
): readonly SegmentDocument[] {
  return toPartialDocuments(span, options).map(toDocument);
}

/**
 * Translates a span like {@link toDocuments}, for callers that write many documents. Keeps parts
 * that several documents share separate.
 *
 * @param observer called for each attribute that the translation reads or copies
 */
export function toPartialDocuments(
  span: TranslatableSpan,
  options: TranslatorOptions = DEFAULTS,
  observer?: AttributeObserver,
): readonly PartialDocument[] {
  const settings = settingsOf(options);
  const reader = takeReader();
  try {
    return translate(span, reader, settings, observer);
  } catch {
    // Only getters of the span can throw here.
    return dropped(settings, 'the span could not be read');
  } finally {
    releaseReader(reader);
  }
}

function dropped(settings: Settings, reason: DropReason): readonly PartialDocument[] {
  try {
    settings.onDrop(reason);
  } catch {
    // A callback must not break the app.
  }
  return NO_DOCUMENTS;
}

function translate(
  span: TranslatableSpan,
  reader: AttributeReader,
  settings: Settings,
  observer: AttributeObserver | undefined,
): readonly PartialDocument[] {
  const finished = envelopeOf(span, settings);
  if (typeof finished === 'string') return dropped(settings, finished);
  const parent = parentOf(span, settings);
  const resource = resourceParts(span, settings);
  reader.load(span.attributes ?? {}, observer);
  const envelope: Envelope = isInProgress(reader)
    ? { ...finished, endMicros: undefined }
    : finished;
  const shape = documentKind(span.kind, parent, reader, settings);
  const traits = spanTraits(reader, span.kind);
  reader.consume(CONTROL_ATTRIBUTES);
  const context: TranslationContext = {
    span,
    reader,
    traits,
    envelope,
    parent,
    resource,
    settings,
  };
  switch (shape) {
    case 'segment':
    case 'lambda':
    case 'subsegment':
      return [partialDocument(context, shape)];
    case 'split':
      return splitDocuments(context);
  }
}

/** Returns whether the span is still running. Values other than booleans stay in metadata (R1.6). */
function isInProgress(reader: AttributeReader): boolean {
  const value = reader.peek(NAMES.inProgress);
  if (typeof value === 'boolean') reader.consume(NAMES.inProgress);
  return value === true;
}

/** Builds the document of a span. */
function partialDocument(
  context: TranslationContext,
  shape: DocumentKind,
  parentId: string | undefined = context.parent.id,
): PartialDocument {
  const { span, reader, traits, envelope, resource, settings } = context;
  const { startMicros, endMicros } = envelope;
  const isSegment = shape === 'segment';
  const isSplit = shape === 'split';
  // The segment that Lambda sends does not contain the resource, so the handler subsegment does.
  const home = isSegment || shape === 'lambda' ? resource : undefined;
  const http = httpBlock(reader, span, traits, settings);
  const cause = causeOf(span, reader, traits, resource.language, settings);
  const flags = flagsOf(reader, traits, http?.response?.status, span.status.code === 2, cause);
  const platform = platformFields(reader, home);
  const aws = awsBlock(reader, traits, resource, platform, settings);
  const sql = isSegment ? undefined : sqlBlock(reader, traits, span.name, settings);
  const user = userOf(reader);
  const links = isSplit && traits.kind === KIND.CONSUMER ? undefined : linkBlocks(context);
  const traced = isSegment ? undefined : tracedFlag(context, http?.response?.status);
  const arn = isSegment ? resourceArn(reader) : undefined;
  const given = givenFields(reader, isSegment, settings);
  const events = eventRecords(span, reader, traits, settings);
  const indexed = selectAnnotations(reader, home, settings);
  const resourceMetadata = sharedResourceMetadata(reader, indexed.coveredKeys, home?.metadata);
  const extra = diagnosticsMetadata(reader, cause);
  const unmapped = unmappedAttributes(reader, indexed.coveredKeys, extra !== undefined, settings);
  const metadata = metadataOf(
    reader,
    indexed.coveredKeys,
    resourceMetadata === undefined ? home?.metadata : undefined,
    unmapped === undefined,
    extra,
    events,
    settings,
  );
  const document: SegmentDocument = {
    name: isSegment
      ? segmentName(span.name, reader, resource)
      : // The host in a request to a Lambda function is not a callee, so it is not the name.
        subsegmentName(span.name, reader, traits, http !== undefined && shape !== 'lambda'),
    id: envelope.id,
    trace_id: xrayTraceId(envelope.traceId),
    parent_id: parentId,
    type: isSegment ? undefined : 'subsegment',
    namespace: isSegment
      ? undefined
      : (namespaceOf(reader, traits, sql !== undefined) ??
        // A call that is internal is a layer above a driver (B-52).
        (isSplit && traits.kind !== KIND.INTERNAL ? 'remote' : undefined)),
    start_time: secondsOf(startMicros),
    end_time: endMicros === undefined ? undefined : secondsOf(endMicros),
    in_progress: endMicros === undefined ? true : undefined,
    error: flags.error,
    fault: flags.fault,
    throttle: flags.throttle,
    traced,
    http,
    aws,
    sql,
    cause: cause?.block,
    user,
    origin: isSegment ? segmentOrigin(context) : undefined,
    resource_arn: arn,
    service: isSegment ? resource.service : undefined,
    annotations: indexed.annotations,
    metadata,
    links,
  };
  return {
    document: given === undefined ? document : withGivenFields(document, given),
    resourceMetadata,
    unmapped: unmapped ?? NO_UNMAPPED,
  };
}

/** Builds the documents of a root span that is an outgoing call: the call and its service. */
function splitDocuments(context: TranslationContext): readonly PartialDocument[] {
  const serviceId = context.settings.randomId();
  // Read the ARN before building the metadata of the dependency, because it belongs to the service.
  const arn = resourceArn(context.reader);
  const dependency = partialDocument(context, 'split', serviceId);
  return [dependency, serviceSegment(context, serviceId, arn, dependency.document)];
}
