/** The trace header of AWS services, in lower case as in Node's header objects. */
export const TRACE_HEADER = 'x-amzn-trace-id';

/** The header as AWS writes it, for headers that this package writes. */
export const WRITTEN_TRACE_HEADER = 'X-Amzn-Trace-Id';
