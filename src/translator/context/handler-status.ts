/**
 * Status of the response to the request that a handler belongs to; `register` records it.
 *
 * In a file of its own, because the start of an app loads it, but not the rules that read it.
 */
export const HANDLER_STATUS = 'aws.xray.handler.response_status';
