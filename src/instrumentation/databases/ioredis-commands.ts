/** Commands with which ioredis prepares a connection. */
export const PREPARING: ReadonlySet<unknown> = new Set([
  'auth',
  'client',
  'hello',
  'info',
  'readonly',
  'select',
]);
