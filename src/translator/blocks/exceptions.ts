import type { AttributeReader } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import type { CauseBlock, ExceptionBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import type { SpanAttributes, SpanEvent, TranslatableSpan } from '../span.ts';
import {
  classNameOf,
  isBareCode,
  isLocal,
  type RaisedException,
} from '../values/exception-type.ts';
import type { ParsedException } from '../values/frames.ts';
import { segmentId } from '../values/ids.ts';
import { withoutNamedSecrets } from '../values/message-secrets.ts';
import { parseStack } from '../values/parse-stack.ts';
import { withoutQuotedQueries } from '../values/quoted-queries.ts';
import { textOf } from '../values/text.ts';
import { redactUrlsIn } from '../values/url.ts';
import { CAUSE_NAMES as NAMES } from './cause-names.ts';
import { EXCEPTION_EVENT, isSdkFailure, sdkFailureText } from './failure-events.ts';

/** The exceptions of a span. */
export interface Cause {
  readonly block: CauseBlock;
  /** Stack traces that could not be parsed; they go to metadata (B-29). */
  readonly unparsed: readonly string[];
  /** Error codes that are not used as type, such as `23505`; they go to metadata (B-48). */
  readonly codes: readonly string[];
}

/**
 * Builds the `cause` of a span with events, or with an error.
 *
 * @param isFailed whether a span without exceptions gets one of its status
 */
export function exceptionsOf(
  span: TranslatableSpan,
  reader: AttributeReader,
  traits: SpanTraits,
  language: string | undefined,
  settings: Settings,
  isFailed: boolean,
): Cause | undefined {
  const draft: Draft = {
    exceptions: [],
    unparsed: [],
    codes: [],
    reader,
    traits,
    language,
    settings,
  };
  for (const event of span.events) {
    if (event.name === EXCEPTION_EVENT) addException(draft, event.attributes ?? {});
    else if (isSdkFailure(event, traits)) addSdkFailure(draft, event);
  }
  if (draft.exceptions.length === 0 && isFailed) addStatus(draft, span);
  if (draft.exceptions.length === 0) return undefined;
  moveCode(draft);
  if (draft.exceptions.length > LIMITS.exceptions) reader.markTruncated('cause.exceptions');
  return {
    block: {
      working_directory: settings.recordWorkingDirectory
        ? settings.workingDirectory || undefined
        : undefined,
      exceptions: withinLimit(draft.exceptions),
    },
    unparsed: draft.unparsed,
    codes: draft.codes,
  };
}

/** Moves a number in `error.type`, such as 23 of a `DOMException`, to the other codes (B-48). */
function moveCode({ reader, codes, exceptions }: Draft): void {
  const recorded = reader.peek(NAMES.errorType);
  if (typeof recorded !== 'string' && typeof recorded !== 'number') return;
  const code = String(recorded);
  const status = reader.peek(NAMES.status);
  if (!isBareCode(code) || status === code || status === Number(code)) return;
  reader.consumeEqual(NAMES.errorType, recorded);
  const isKnown = exceptions.some(({ message }) => message?.includes(code) === true);
  if (!isKnown && !codes.includes(code)) codes.push(code);
}

interface Draft {
  readonly exceptions: ExceptionBlock[];
  readonly unparsed: string[];
  readonly codes: string[];
  readonly reader: AttributeReader;
  readonly traits: SpanTraits;
  readonly language: string | undefined;
  readonly settings: Settings;
}

/** Truncates the list; the last exception must not refer to one that was removed. */
function withinLimit(exceptions: ExceptionBlock[]): ExceptionBlock[] {
  if (exceptions.length <= LIMITS.exceptions) return exceptions;
  const kept = exceptions.slice(0, LIMITS.exceptions);
  const last = kept.pop() as ExceptionBlock;
  return [...kept, { ...last, cause: undefined }];
}

function addException(draft: Draft, attributes: SpanAttributes): void {
  // Exceptions beyond the limit are not parsed: an application may record thousands.
  if (draft.exceptions.length > LIMITS.exceptions) return;
  const recorded = textOf(attributes['exception.type']);
  const message = textOf(attributes['exception.message']);
  const stack = attributes['exception.stacktrace'];
  const { type, code } = typeAndCode(recorded, attributes);
  const chain = parsedStack(draft, stack, type ?? '', message ?? '');
  if (code !== undefined && message?.includes(code) !== true) draft.codes.push(code);
  const named = attributes['aws.xray.exception.remote'];
  const ids = chain.map(() => draft.settings.randomId());
  ids[0] = segmentId(attributes['aws.xray.exception.id']) ?? (ids[0] as string);
  for (const [i, parsed] of chain.entries()) {
    const isHead = i === 0;
    // X-Ray requires a type or a message.
    const unnamed = message === undefined ? (recorded ?? EXCEPTION_EVENT) : undefined;
    const own = isHead
      ? { type: type ?? unnamed, message, code }
      : { type: parsed.type, message: parsed.message, code: undefined };
    draft.exceptions.push(
      exceptionBlock(draft, {
        id: ids[i] as string,
        type: own.type,
        message: own.message,
        remote: typeof named === 'boolean' ? named : isRemote(draft, own),
        cause: isHead || chain[i + 1]?.isMember !== true ? ids[i + 1] : undefined,
        parsed,
      }),
    );
  }
}

/** Returns whether an exception comes from the called service (B-48). */
function isRemote({ reader, traits }: Draft, raised: RaisedException): boolean {
  if (!traits.isCaller || isLocal(raised, traits.dbSystem)) return false;
  // Without a response, nothing came from the server. The app may abort a request with any error.
  const isUnansweredRequest =
    traits.dbSystem === undefined &&
    reader.has(NAMES.method) &&
    !reader.has(NAMES.status) &&
    !reader.has(NAMES.system);
  return !isUnansweredRequest;
}

/** Returns the class name of an exception and its code, if the code is not the type (B-48). */
function typeAndCode(
  recorded: string | undefined,
  attributes: SpanAttributes,
): { readonly type: string | undefined; readonly code: string | undefined } {
  const code = textOf(attributes['exception.code']);
  if (recorded === undefined || !isBareCode(recorded)) return { type: recorded, code };
  return { type: classNameOf(attributes['exception.stacktrace']), code: recorded };
}

/** Redis and Valkey quote the first arguments of a command that they do not know. */
const QUOTED_ARGUMENTS = /(unknown command .{1,200}, with args beginning with: ).+$/s;

function shownMessage(message: string, { settings, traits }: Draft): string {
  // Only its beginning is shown.
  const start = message.slice(0, 4 * LIMITS.text);
  const text = withoutQuotedQueries(start, settings, traits.dbSystem?.toLowerCase());
  return withoutNamedSecrets(redactUrlsIn(text)).replace(QUOTED_ARGUMENTS, '$1…');
}

function exceptionBlock(
  draft: Draft,
  found: {
    readonly id: string;
    readonly type: string | undefined;
    readonly message: string | undefined;
    readonly remote: boolean;
    readonly cause?: string | undefined;
    readonly parsed?: ParsedException | undefined;
  },
): ExceptionBlock {
  const { type, message, parsed } = found;
  const { reader } = draft;
  return {
    id: found.id,
    type: type === undefined ? undefined : reader.truncate(type, LIMITS.short, 'exception.type'),
    message:
      message === undefined
        ? undefined
        : reader.truncate(shownMessage(message, draft), LIMITS.text, 'exception.message'),
    remote: found.remote,
    truncated: parsed?.truncated || undefined,
    cause: found.cause,
    stack: parsed === undefined || parsed.stack.length === 0 ? undefined : parsed.stack,
  };
}

/** Returns the exception itself, then its causes; those without type and message are left out. */
function parsedStack(
  draft: Draft,
  stack: unknown,
  type: string,
  message: string,
): readonly ParsedException[] {
  if (typeof stack !== 'string' || stack.trim() === '') return NOTHING_PARSED;
  if (stack.length > LIMITS.stackText) draft.reader.markTruncated('exception.stacktrace');
  const language = draft.language ?? '';
  const [head, ...causes] = parseStack(language, stack, type, message);
  const chain = [head as ParsedException, ...causes.filter((cause) => cause.type || cause.message)];
  const saysNothing = chain.length === 1 && (head as ParsedException).stack.length === 0;
  // A header alone only repeats type and message.
  if (saysNothing && !isHeader(stack.trim(), type, message))
    draft.unparsed.push(redactUrlsIn(stack));
  return chain;
}

const NOTHING_PARSED: readonly ParsedException[] = [{ stack: [], truncated: 0 }];

function isHeader(text: string, type: string, message: string): boolean {
  return text === type || text === message || text === `${type}: ${message}`;
}

function addSdkFailure(draft: Draft, event: SpanEvent): void {
  draft.exceptions.push(
    exceptionBlock(draft, {
      id: draft.settings.randomId(),
      type: 'aws.http.error.event',
      message: sdkFailureText(event),
      remote: true,
    }),
  );
}

/**
 * Adds an exception from the status message and `error.type` of a span without exception events (B-28),
 * or from the attributes of a gRPC call (B-58).
 */
function addStatus(draft: Draft, span: TranslatableSpan): void {
  const { reader } = draft;
  const statusText = reader.peekText(NAMES.statusText);
  const grpcError = reader.peekText(NAMES.grpcError);
  const grpcMessage = reader.peekText(NAMES.grpcMessage);
  const message = grpcMessage ?? textOf(span.status.message) ?? statusText;
  const errorType = grpcError ?? textOf(reader.peek(NAMES.errorType));
  const type = errorType !== undefined && isBareCode(errorType) ? undefined : errorType;
  if (message === undefined && type === undefined) return;
  reader.consumeEqual(NAMES.grpcError, grpcError);
  reader.consumeEqual(NAMES.grpcMessage, grpcMessage);
  if (statusText !== undefined && message === statusText)
    reader.consumeEqual(NAMES.statusText, statusText);
  draft.exceptions.push(
    exceptionBlock(draft, {
      id: draft.settings.randomId(),
      type,
      message,
      remote: isRemote(draft, { type, message, code: undefined }),
    }),
  );
}
