import { isDeepStrictEqual } from 'node:util';
import type { AnnotationValue, SegmentDocument } from '../translator/document.ts';
import type { LocalTrace } from './trace-view.ts';
import { traceTree } from './tree.ts';

/** Result of a matcher of Vitest or Jest. */
interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

type Fields = Readonly<Record<string, unknown>>;

/** A matcher takes a trace or a single document. */
type Subject = LocalTrace | SegmentDocument;

/** Signatures of the matchers, for the `Assertion` type of Vitest or Jest. */
export interface XRayMatchers<R = unknown> {
  /** Some segment has this name and these fields. */
  toHaveSegment(name: string, fields?: Fields): R;
  /** Some subsegment, however deep, has this name and these fields. */
  toHaveSubsegment(name: string, fields?: Fields): R;
  /** Some segment or subsegment has this annotation; any value when none is given. */
  toHaveAnnotation(key: string, value?: AnnotationValue): R;
}

/** For `expect.extend(xrayMatchers)`. */
export const xrayMatchers: {
  readonly toHaveSegment: (received: Subject, name: string, fields?: Fields) => MatcherResult;
  readonly toHaveSubsegment: (received: Subject, name: string, fields?: Fields) => MatcherResult;
  readonly toHaveAnnotation: (
    received: Subject,
    key: string,
    value?: AnnotationValue,
  ) => MatcherResult;
} = {
  toHaveSegment: (received, name, fields = {}) =>
    result(
      received,
      documentsOf(received).some((each) => isSegment(each) && has(each, name, fields)),
      `a segment ${described(name, fields)}`,
    ),
  toHaveSubsegment: (received, name, fields = {}) =>
    result(
      received,
      everyDocument(received).some(
        (each) =>
          !(documentsOf(received).includes(each) && isSegment(each)) && has(each, name, fields),
      ),
      `a subsegment ${described(name, fields)}`,
    ),
  toHaveAnnotation: (received, key, value) =>
    result(
      received,
      everyDocument(received).some(({ annotations }) =>
        annotations !== undefined && Object.hasOwn(annotations, key)
          ? value === undefined || annotations[key] === value
          : false,
      ),
      `an annotation ${key}${value === undefined ? '' : ` = ${JSON.stringify(value)}`}`,
    ),
};

function result(received: Subject, pass: boolean, what: string): MatcherResult {
  return {
    pass,
    message: () =>
      `expected the trace ${pass ? 'not ' : ''}to have ${what}:\n\n${traceTree(documentsOf(received)).join('\n')}`,
  };
}

function described(name: string, fields: Fields): string {
  const more = Object.keys(fields).length === 0 ? '' : ` with ${JSON.stringify(fields)}`;
  return `${JSON.stringify(name)}${more}`;
}

function documentsOf(subject: Subject): readonly SegmentDocument[] {
  return 'documents' in subject ? subject.documents : [subject];
}

function everyDocument(subject: Subject): readonly SegmentDocument[] {
  const flat = (document: SegmentDocument): readonly SegmentDocument[] => [
    document,
    ...(document.subsegments ?? []).flatMap(flat),
  ];
  return documentsOf(subject).flatMap(flat);
}

function isSegment({ type }: SegmentDocument): boolean {
  return type !== 'subsegment';
}

function has(document: SegmentDocument, name: string, fields: Fields): boolean {
  return document.name === name && includes(document, fields);
}

/**
 * Returns whether a value has all that is wanted. Listed fields must exist. Objects are compared
 * recursively, other values must be equal.
 */
function includes(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) {
    return asymmetric(wanted)?.(value) ?? isDeepStrictEqual(value, wanted);
  }
  const matcher = asymmetric(wanted);
  if (matcher) return matcher(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(wanted).every(([key, each]) =>
    includes((value as Readonly<Record<string, unknown>>)[key], each),
  );
}

/**
 * Returns the test of `expect.any(…)`, `expect.stringContaining(…)` and their like; `undefined` for
 * other values.
 */
function asymmetric(wanted: unknown): ((value: unknown) => boolean) | undefined {
  const { asymmetricMatch } = (wanted ?? {}) as {
    asymmetricMatch?: (value: unknown) => boolean;
  };
  return typeof asymmetricMatch === 'function' ? asymmetricMatch.bind(wanted) : undefined;
}
