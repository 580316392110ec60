/**
 * Sizes of documents in bytes of UTF-8. The first is X-Ray's, the others are those of a datagram.
 *
 * @see docs/spec/translation.md section 10
 */

/** X-Ray rejects a segment document above 64 KB. */
export const XRAY_MAX_DOCUMENT_BYTES = 65_536;

/** A UDP datagram over IPv4 carries 65,507 bytes, of which the frame header takes 30. */
export const MAX_DOCUMENT_BYTES = 65_477;

/** Documents are never truncated below this size: every network carries it. */
export const MIN_DOCUMENT_BYTES = 1_024;

/** Default limit for documents that are held while the daemon is away: 10 s of 300 requests of 2.7 KB. */
export const DEFAULT_HOLD_BYTES: number = 8 * 1024 * 1024;
