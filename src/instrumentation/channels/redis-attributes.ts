import type { Attributes } from '@opentelemetry/api';
import { defaultDbStatementSerializer } from '@opentelemetry/redis-common';

/** What both Redis clients publish for a command. */
export interface RedisMessage {
  /** A host name or the path of a socket. */
  readonly serverAddress?: string;
  readonly serverPort?: number;
}

/**
 * Returns the attributes of a command as the instrumentations record them.
 *
 * The clients replace arguments that may be secret by `?`, so that their number remains.
 *
 * @param args without the name of the command
 * @param operation name of the command, with `MULTI` or `PIPELINE` before it
 */
export function commandAttributes(
  message: RedisMessage,
  command: string,
  args: readonly string[],
  operation: string = command,
): Attributes {
  return {
    ...serverAttributes(message),
    'db.operation.name': operation,
    'db.query.text': defaultDbStatementSerializer(command, [...args]),
  };
}

export function serverAttributes({ serverAddress, serverPort }: RedisMessage): Attributes {
  return {
    'db.system.name': 'redis',
    ...(serverAddress !== undefined && { 'server.address': serverAddress }),
    ...(serverPort !== undefined && { 'server.port': serverPort }),
  };
}
