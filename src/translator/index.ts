import { indexedAttributes } from './blocks/annotations.ts';
import { awsBlock } from './blocks/aws.ts';
import { causeOf } from './blocks/cause.ts';
import { eventRecords } from './blocks/events.ts';
import { flagsOf } from './blocks/flags.ts';
import { httpBlock } from './blocks/http.ts';
import { leftoversOf, metadataOf, sharedMetadata } from './blocks/metadata.ts';
import { namespaceOf, segmentName, subsegmentName } from './blocks/name.ts';
import { sqlBlock } from './blocks/sql.ts';
import { userOf } from './blocks/user.ts';
import type { Watch } from './context/access-recorder.ts';
import { type AttributeReader, from, releaseReader, takeReader } from './context/attributes.ts';
import { parentOf, type Shape, shapeOf } from './context/document-kind.ts';
import { envelopeOf } from './context/envelope.ts';
import {
  type DropReason,
  type Settings,
  settingsOf,
  type TranslatorOptions,
} from './context/options.ts';
import { resourceParts } from './context/resource.ts';
import { factsOf, KIND } from './context/span-traits.ts';
import {
  extras,
  linksOfView,
  originOf,
  platformOf,
  resourceArn,
  tracedOf,
  type View,
} from './context/translation-context.ts';
import type { SegmentDocument } from './document.ts';
import { type Draft, NO_LEFTOVERS, wholeDocument } from './partial-document.ts';
import type { TranslatableSpan } from './span.ts';
import { serviceSegment } from './split.ts';
import { secondsOf } from './values/time.ts';

const NAMES = { inProgress: from('aws.xray.inprogress') } as const;

/** They steer the translation and say nothing to a reader (section 8.10). */
const MARKS = from('aws.span.kind', 'aws.is.local.root');

/** One object, because what follows from the options is worked out once per object. */
const DEFAULTS: TranslatorOptions = {};
const NO_DRAFTS: readonly Draft[] = [];

/**
 * Translates a finished span into X-Ray segment documents.
 *
 * Never throws: a span that cannot be translated gives no document, and `options.onDrop` hears why.
 *
 * @returns one document; two for a root span that is itself an outgoing call, the dependency
 *   subsegment first; none when the span was dropped
 * @see docs/spec/translation.md, whose sections the blocks are named after
 */
export function toDocuments(
  span: TranslatableSpan,
  options: TranslatorOptions = DEFAULTS,
): readonly SegmentDocument[] {
  return toDrafts(span, options).map(wholeDocument);
}

/**
 * The same for who writes many of them: what the resource says of each is left to be written once.
 *
 * @param watch told how the attributes are read
 */
export function toDrafts(
  span: TranslatableSpan,
  options: TranslatorOptions = DEFAULTS,
  watch?: Watch,
): readonly Draft[] {
  const settings = settingsOf(options);
  const reader = takeReader();
  try {
    return translate(span, reader, settings, watch);
  } catch {
    // Only a span whose own getters throw comes here.
    return dropped(settings, 'the span could not be read');
  } finally {
    releaseReader(reader);
  }
}

function dropped(settings: Settings, reason: DropReason): readonly Draft[] {
  try {
    settings.onDrop(reason);
  } catch {
    // Who is told must not decide whether the app goes on.
  }
  return NO_DRAFTS;
}

function translate(
  span: TranslatableSpan,
  reader: AttributeReader,
  settings: Settings,
  watch: Watch | undefined,
): readonly Draft[] {
  const finished = envelopeOf(span, settings);
  if (typeof finished === 'string') return dropped(settings, finished);
  const parent = parentOf(span, settings);
  const resource = resourceParts(span, settings);
  reader.load(span.attributes ?? {}, watch);
  const envelope = isInProgress(reader) ? { ...finished, endMicros: undefined } : finished;
  const shape = shapeOf(span.kind, parent, reader, settings);
  const facts = factsOf(reader, span.kind);
  reader.useAll(MARKS);
  const view: View = { span, reader, facts, envelope, parent, resource, settings };
  switch (shape) {
    case 'segment':
    case 'lambda':
    case 'subsegment':
      return [draft(view, shape)];
    case 'split':
      return splitDrafts(view);
  }
}

/** Only a boolean counts; any other value stays in metadata (R1.6). */
function isInProgress(reader: AttributeReader): boolean {
  const value = reader.peek(NAMES.inProgress);
  if (typeof value === 'boolean') reader.useAll(NAMES.inProgress);
  return value === true;
}

/** The document of a span; `dependency` is the subsegment part of a split. */
function draft(view: View, shape: Shape, parentId: string | undefined = view.parent.id): Draft {
  const { span, reader, facts, envelope, resource, settings } = view;
  const { startMicros, endMicros } = envelope;
  const isSegment = shape === 'segment';
  const isSplit = shape === 'split';
  // Lambda's own segment says nothing of our resource, so the handler's subsegment does.
  const home = isSegment || shape === 'lambda' ? resource : undefined;
  const http = httpBlock(reader, span, facts, settings);
  const cause = causeOf(span, reader, facts, resource.language, settings);
  const flags = flagsOf(reader, facts, http?.response?.status, span.status.code === 2, cause);
  const platform = platformOf(reader, home);
  const aws = awsBlock(reader, facts, resource, platform, settings);
  const sql = isSegment ? undefined : sqlBlock(reader, facts, span.name, settings);
  const user = userOf(reader);
  const links = isSplit && facts.kind === KIND.CONSUMER ? undefined : linksOfView(view);
  const traced = isSegment ? undefined : tracedOf(view, http?.response?.status);
  const arn = isSegment ? resourceArn(reader) : undefined;
  const events = eventRecords(span, reader, facts, settings);
  const indexed = indexedAttributes(reader, home, settings);
  const shared = sharedMetadata(reader, indexed.told, home?.metadata);
  const extra = extras(reader, cause);
  const leftovers = leftoversOf(reader, indexed.told, extra !== undefined, settings);
  const metadata = metadataOf(
    reader,
    indexed.told,
    shared === undefined ? home?.metadata : undefined,
    leftovers === undefined,
    extra,
    events,
    settings,
  );
  const document: SegmentDocument = {
    name: isSegment
      ? segmentName(span.name, reader, resource)
      : // The host of a Lambda function's own request is no callee to be named after.
        subsegmentName(span.name, reader, facts, http !== undefined && shape !== 'lambda'),
    id: envelope.id,
    trace_id: envelope.traceId,
    parent_id: parentId,
    type: isSegment ? undefined : 'subsegment',
    namespace: isSegment
      ? undefined
      : (namespaceOf(reader, facts, sql !== undefined) ?? (isSplit ? 'remote' : undefined)),
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
    origin: isSegment ? originOf(view) : undefined,
    resource_arn: arn,
    service: isSegment ? resource.service : undefined,
    annotations: indexed.annotations,
    metadata,
    links,
  };
  return { document, shared, leftovers: leftovers ?? NO_LEFTOVERS };
}

/** A root span that is an outgoing call: the call, below a segment that stands for this service. */
function splitDrafts(view: View): readonly Draft[] {
  const serviceId = view.settings.randomId();
  // Before the dependency's metadata is made: the ARN is the service's.
  const arn = resourceArn(view.reader);
  const dependency = draft(view, 'split', serviceId);
  return [dependency, serviceSegment(view, serviceId, arn, dependency.document)];
}
