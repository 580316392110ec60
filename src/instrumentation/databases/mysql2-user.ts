/** Settings of a connection of mysql2, or of a pool. */
interface ConnectionConfig {
  readonly user?: unknown;
}

type ServerContext = (config: ConnectionConfig) => unknown;

let lastConfig: ConnectionConfig | undefined;

/**
 * Returns the user of the connection whose query mysql2 is about to publish: the message lacks it.
 * `undefined` if mysql2 is in a bundle, where its files cannot be patched.
 */
export function userOfQuery(): string | undefined {
  const user = lastConfig?.user;
  lastConfig = undefined;
  return typeof user === 'string' ? user : undefined;
}

/** Watches the function of `mysql2/lib/tracing.js` that gets the settings just before a message is published. */
export function watchServerContext(exports: { getServerContext?: ServerContext }): void {
  const { getServerContext } = exports;
  if (getServerContext === undefined) return;
  exports.getServerContext = (config) => {
    lastConfig = config;
    return getServerContext(config);
  };
}
