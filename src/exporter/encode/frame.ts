/**
 * The header that the daemon expects in front of every document.
 *
 * @see docs/spec/translation.md R1.21; aws/aws-xray-daemon pkg/tracesegment splits at the first
 * newline
 */
export const FRAME_HEADER = '{"format":"json","version":1}\n';

/** Bytes of {@link FRAME_HEADER}. */
export const FRAME_HEADER_BYTES = 30;
