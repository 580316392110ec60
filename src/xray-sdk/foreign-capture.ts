import { type Channel, type ChannelListener, channel } from 'node:diagnostics_channel';

/**
 * The Tracer of Powertools records each `fetch` through the channels of undici, as subsegments of the
 * X-Ray SDK. The `fetch` instrumentation records the call already. Inside such a listener there is
 * therefore no current segment, and the listener records nothing.
 */
const CREATED = 'undici:request:create';

/** Part of the stack trace when Powertools subscribes, bundled or not. */
const POWERTOOLS = /aws-lambda-powertools|\binstrumentFetch\b/;

let depth = 0;

/** Returns whether the running code is a listener of Powertools for a call that is traced already. */
export function isInsideForeignCapture(): boolean {
  return depth > 0;
}

interface Message {
  readonly request?: { addHeader?: unknown };
}

/** Patches the channel so that listeners of Powertools that subscribe later record nothing. */
export function silenceForeignCapture(): void {
  const created: Channel = channel(CREATED);
  const silenced = new WeakMap<ChannelListener, ChannelListener>();
  const ours = new WeakSet<ChannelListener>();
  // The methods are looked up at each call: a channel changes its prototype when it gets listeners.
  const methods = (on: Channel): Channel => Object.getPrototypeOf(on) as Channel;
  created.subscribe = function (this: Channel, listener: ChannelListener): void {
    let subscribed = listener;
    if (!ours.has(listener) && POWERTOOLS.test(new Error('subscriber').stack ?? '')) {
      subscribed = (message, name) => silently(message as Message, () => listener(message, name));
      ours.add(subscribed);
      silenced.set(listener, subscribed);
    }
    methods(this).subscribe.call(this, subscribed);
  };
  created.unsubscribe = function (this: Channel, listener: ChannelListener): boolean {
    const subscribed = silenced.get(listener) ?? listener;
    return Reflect.apply(methods(this).unsubscribe, this, [subscribed]) as unknown as boolean;
  };
}

/** Runs a listener without a current segment, so that it also adds no second trace header. */
function silently({ request }: Message, run: () => void): void {
  depth += 1;
  const own = request && Object.getOwnPropertyDescriptor(request, 'addHeader');
  try {
    if (request)
      Object.defineProperty(request, 'addHeader', { value: () => {}, configurable: true });
    run();
  } finally {
    depth -= 1;
    if (request) {
      if (own) Object.defineProperty(request, 'addHeader', own);
      else Reflect.deleteProperty(request, 'addHeader');
    }
  }
}
