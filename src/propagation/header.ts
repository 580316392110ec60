import { xrayForm } from '../trace-id.ts';

/** A parsed `X-Amzn-Trace-Id`, with ids in OpenTelemetry's form. */
export interface TraceHeader {
  /** 32 hex digits, lower case. */
  readonly traceId: string;
  /** 16 hex digits, lower case. */
  readonly parentId: string | undefined;
  /** `undefined` if the header has no decision. */
  readonly sampled: boolean | undefined;
  /** The caller asks for the decision in the response: `Sampled=?`. */
  readonly wantsDecision: boolean;
  /** Value of Lambda's recursion detection; sent on unchanged. */
  readonly lineage: string | undefined;
  /** Application data; sent on unchanged. */
  readonly data: readonly (readonly [key: string, value: string])[];
}

/** Longer headers are ignored; AWS services write at most a few hundred characters. */
const MAX_LENGTH = 4_096;
/** The longest header that AWS services accept. */
const MAX_WRITTEN = 256;

/**
 * Parses a header. Accepts any order and case of the keys, white space, quotes and unknown parts.
 * If a key occurs twice, the first valid value counts. Never throws.
 *
 * @returns `undefined` without a valid `Root`
 * @see docs/spec/propagation.md section 2
 */
export function parseTraceHeader(text: string): TraceHeader | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  return usualHeader(text) ?? anyHeader(text);
}

/** Digits in lower case only, of which at least one is not zero. */
function isUsualId(id: string): boolean {
  return /^0*[1-9a-f][0-9a-f]*$/.test(id);
}

/** Lengths of `Root=1-5759e988-bd862e3fe1be46a994272793`, and of the same with `;Parent=…;Sampled=1`. */
const ROOT_LENGTH = 40;
const USUAL_LENGTH = 74;
const LINEAGE_KEY = ';Lineage=';

/**
 * Parses a header in a form that AWS services write, whose parts are found by their positions: `Root` alone,
 * as load balancers write it, or with parent and decision.
 *
 * @returns `undefined` for any other form, valid or not
 */
function usualHeader(text: string): TraceHeader | undefined {
  if (!text.startsWith('Root=1-') || text[15] !== '-') return undefined;
  const traceId = text.slice(7, 15) + text.slice(16, ROOT_LENGTH);
  if (traceId.length !== 32 || !isUsualId(traceId)) return undefined;
  return text.length === ROOT_LENGTH
    ? headerOf(traceId, undefined, undefined, undefined)
    : headerWithParent(text, traceId);
}

function headerWithParent(text: string, traceId: string): TraceHeader | undefined {
  if (!text.startsWith(';Parent=', ROOT_LENGTH) || !text.startsWith(';Sampled=', 64))
    return undefined;
  const decision = text[USUAL_LENGTH - 1];
  if (decision !== '0' && decision !== '1') return undefined;
  const parentId = text.slice(48, 64);
  if (!isUsualId(parentId)) return undefined;
  const hasLineage = text.startsWith(LINEAGE_KEY, USUAL_LENGTH);
  const lineage = hasLineage ? text.slice(USUAL_LENGTH + LINEAGE_KEY.length) : undefined;
  const isWhole = lineage === undefined ? text.length === USUAL_LENGTH : isLineage(lineage);
  return isWhole ? headerOf(traceId, parentId, decision === '1', lineage) : undefined;
}

function headerOf(
  traceId: string,
  parentId: string | undefined,
  sampled: boolean | undefined,
  lineage: string | undefined,
): TraceHeader {
  return { traceId, parentId, sampled, wantsDecision: false, lineage, data: [] };
}

function anyHeader(text: string): TraceHeader | undefined {
  let traceId: string | undefined;
  let parentId: string | undefined;
  let sampled: string | undefined;
  let lineage: string | undefined;
  const data: [string, string][] = [];
  for (const part of text.split(';')) {
    const cut = part.indexOf('=');
    if (cut < 0) continue;
    const key = part.slice(0, cut).trim();
    const value = unquoted(part.slice(cut + 1).trim());
    switch (key.toLowerCase()) {
      case 'root':
        traceId ??= traceIdOfRoot(value);
        break;
      case 'parent':
        parentId ??= spanId(value);
        break;
      case 'sampled':
        sampled ??= DECISIONS.get(value);
        break;
      case 'lineage':
        lineage ??= isLineage(value) ? value : undefined;
        break;
      case 'self':
        break;
      default:
        if (isPlain(key) && isPlain(value)) data.push([key, value]);
    }
  }
  if (traceId === undefined) return undefined;
  return {
    traceId,
    parentId,
    sampled: sampled === '1' ? true : sampled === '0' ? false : undefined,
    wantsDecision: sampled === '?',
    lineage,
    data,
  };
}

const DECISIONS: ReadonlyMap<string, string> = new Map([
  ['1', '1'],
  ['0', '0'],
  ['?', '?'],
  ['true', '1'],
  ['True', '1'],
  ['false', '0'],
  ['False', '0'],
]);

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value;
}

/** Accepts an epoch without its leading zeros, as some SDKs write it. */
const ROOT = /^1-([0-9a-f]{1,8})-([0-9a-f]{24})$/;

function traceIdOfRoot(value: string): string | undefined {
  const [, epoch, rest] = ROOT.exec(value.slice(0, 36).toLowerCase()) ?? [];
  if (epoch === undefined || rest === undefined) return undefined;
  const id = epoch.padStart(8, '0') + rest;
  return /^0+$/.test(id) ? undefined : id;
}

function spanId(value: string): string | undefined {
  const id = value.slice(0, 17).toLowerCase();
  return /^[0-9a-f]{16}$/.test(id) && id !== '0000000000000000' ? id : undefined;
}

const LINEAGE = /^(\d{1,5}):[0-9a-f]{8}:(\d{1,3})$/i;
const OLD_LINEAGE = /^[0-9a-f]+:\d+(?:\|[0-9a-f]+:\d+)*$/i;

/** Accepts the current form `1:a87bd80c:0` and the older `hash:n|hash:n`. */
function isLineage(value: string): boolean {
  if (value.length > MAX_WRITTEN) return false;
  const [, first, second] = LINEAGE.exec(value) ?? [];
  if (first !== undefined) return Number(first) <= 32_767 && Number(second) <= 255;
  return OLD_LINEAGE.test(value);
}

/**
 * Returns whether a value is visible ASCII of limited length without the delimiters `;` and `=`;
 * anything else cannot be sent in a header.
 */
function isPlain(value: string): boolean {
  return value.length <= MAX_WRITTEN && /^[!-:<>-~]+$/.test(value);
}

export interface HeaderParts {
  readonly traceId: string;
  readonly parentId?: string | undefined;
  readonly sampled?: '0' | '1' | '?' | undefined;
  readonly lineage?: string | undefined;
  readonly data?: TraceHeader['data'] | undefined;
}

/** Formats a header of at most 256 characters; a part that does not fit is omitted as a whole. */
export function formatTraceHeader(parts: HeaderParts): string {
  let text = `Root=${xrayForm(parts.traceId)}`;
  if (parts.parentId !== undefined) text += `;Parent=${parts.parentId}`;
  if (parts.sampled !== undefined) text += `;Sampled=${parts.sampled}`;
  const more: TraceHeader['data'] = [
    ...(parts.lineage === undefined ? [] : [['Lineage', parts.lineage] as const]),
    ...(parts.data ?? []),
  ];
  for (const [key, value] of more) {
    const part = `;${key}=${value}`;
    if (text.length + part.length <= MAX_WRITTEN) text += part;
  }
  return text;
}
