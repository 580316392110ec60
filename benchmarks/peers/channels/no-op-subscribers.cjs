const { AsyncLocalStorage } = require('node:async_hooks');
const { channel } = require('node:diagnostics_channel');

/**
 * Subscribes to a tracing channel as otel-xray does, with functions that do nothing: what the library and
 * Node.js take to publish.
 *
 * @param events those that otel-xray subscribes to besides `start`; by default those of an asynchronous operation
 */
exports.subscribeNothing = function subscribeNothing(name, events = ['error', 'asyncStart']) {
  const store = new AsyncLocalStorage();
  const inner = {};
  channel(`tracing:${name}:start`).bindStore(store, () => inner);
  for (const event of events) channel(`tracing:${name}:${event}`).subscribe(() => {});
};
