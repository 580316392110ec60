/**
 * Sizes of documents in bytes of UTF-8. The first is a limit of X-Ray, the others follow from UDP.
 *
 * @see docs/spec/translation.md section 10
 */

/** X-Ray rejects a segment document above 64 KB. */
export const XRAY_MAX_DOCUMENT_BYTES = 65_536;

/** A UDP datagram over IPv4 carries 65,507 bytes, of which the frame header takes 30. */
export const MAX_DOCUMENT_BYTES = 65_477;

/** Documents are never truncated below this size, which every network can transmit. */
export const MIN_DOCUMENT_BYTES = 1_024;

/** Default of `holdBytes`: documents of 10 s at 300 requests per second and 2.7 KB per request. */
export const DEFAULT_HOLD_BYTES: number = 8 * 1024 * 1024;
