/**
 * Limits of X-Ray and of a datagram, in UTF-16 code units unless noted.
 *
 * @see docs/spec/translation.md sections 2.1, 4.3, 8.9, 9 and 10, which name the source of each
 */
export const LIMITS = {
  /** Code points of a name; X-Ray rejects longer ones (`InvalidName`). */
  name: 200,
  /** User, method, ids, versions, exception types. */
  short: 250,
  userAgent: 1_024,
  url: 2_048,
  /** Exception messages and SQL texts. */
  text: 16_384,
  s3Key: 1_024,
  logGroup: 512,
  stackPath: 1_024,
  stackLabel: 512,
  /** Frames of one exception. */
  frames: 50,
  /** Exceptions of one document, including causes. */
  exceptions: 32,
  /** A stack trace that cannot be parsed is kept in metadata up to this length. */
  unparsedStack: 8_192,
  /** Maximum length that the stack parsers read. */
  stackText: 65_536,
  stackLines: 500,
  links: 100,
  events: 32,
  annotations: 50,
  annotationKey: 500,
  annotationValue: 1_000,
  /** Depth of a nested metadata value; deeper values are replaced by a note. */
  depth: 24,
  /** Objects, arrays and values inside one metadata value; the rest is replaced by a note. */
  nodes: 50_000,
} as const;
