/**
 * Sizes that X-Ray, or the datagram, sets; in UTF-16 units unless said.
 *
 * @see docs/spec/translation.md sections 2.1, 4.3, 8.9, 9 and 10, which name the source of each
 */
export const LIMITS = {
  /** Code points of a name; a longer one is answered `InvalidName`. */
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
  /** Exceptions of one document, causes included. */
  exceptions: 32,
  /** A stack text that nothing could parse is kept in metadata up to this. */
  unparsedStack: 8_192,
  /** What the stack parsers read at most. */
  stackText: 65_536,
  stackLines: 500,
  links: 100,
  events: 32,
  annotations: 50,
  annotationKey: 500,
  annotationValue: 1_000,
  /** Levels of a nested metadata value; below that its text form stands. */
  depth: 24,
  /** Objects, lists and values inside one metadata value; of more, their place is told. */
  nodes: 50_000,
} as const;
