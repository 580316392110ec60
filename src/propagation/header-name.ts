/** The trace header of AWS services, in lower case as in Node's header objects. */
export const TRACE_HEADER = 'x-amzn-trace-id';
