/**
 * Limits of fields and lists, in UTF-16 code units unless noted.
 *
 * @see docs/spec/translation.md sections 2.1, 4.3, 8.9, 9 and 10 for the source of each limit
 */
export const LIMITS = {
  /** Code points of a name; X-Ray rejects longer ones (`InvalidName`). */
  name: 200,
  /** Users, methods, ids, versions and exception types. */
  short: 250,
  userAgent: 1_024,
  url: 2_048,
  /** Exception messages and SQL queries. */
  text: 16_384,
  s3Key: 1_024,
  logGroup: 512,
  stackPath: 1_024,
  stackLabel: 512,
  /** Stack frames of one exception. */
  frames: 50,
  /** Exceptions in one document, including causes. */
  exceptions: 32,
  /** Length of an unparsable stack trace in metadata. */
  unparsedStack: 8_192,
  /** Length of the text that the stack parsers read. */
  stackText: 65_536,
  stackLines: 500,
  links: 100,
  events: 32,
  annotations: 50,
  annotationKey: 500,
  annotationValue: 1_000,
  /** Depth of a metadata value; deeper values are replaced by `[Too deep]`. */
  depth: 24,
  /** Objects, arrays and values in one metadata value; the rest is replaced by `[Too large]`. */
  nodes: 50_000,
} as const;
