import { type AttributeNames, names } from '../context/attributes.ts';

/**
 * The attributes that a cause is read from. A reader has a place for each name that was declared before
 * it, so they are not in the file that a span with a cause loads.
 */
export const CAUSE_NAMES: Readonly<
  Record<
    'statusText' | 'errorType' | 'grpcError' | 'grpcMessage' | 'method' | 'status' | 'system',
    AttributeNames
  >
> = {
  statusText: names('http.status_text'),
  errorType: names('error.type'),
  grpcError: names('grpc.error_name'),
  grpcMessage: names('grpc.error_message'),
  method: names('http.request.method', 'http.method'),
  status: names('http.response.status_code', 'http.status_code'),
  /** Of calls that have HTTP attributes without being HTTP requests. */
  system: names(
    ...['rpc.system.name', 'rpc.system', 'messaging.system'],
    ...['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.system'],
  ),
};
