import { type Channel, type ChannelListener, channel } from 'node:diagnostics_channel';

/**
 * Powertools' Tracer records each `fetch` itself, through the channel of undici, with subsegments
 * of the X-Ray SDK. The `fetch` instrumentation records the call already, so inside such a listener
 * there is no current segment, and the listener records nothing.
 */
const CREATED = 'undici:request:create';

/** Appears in the stack when Powertools subscribes, bundled or not. */
const POWERTOOLS = /aws-lambda-powertools|\binstrumentFetch\b/;

let depth = 0;

/** Whether the running code is a listener of Powertools for a call that is traced already. */
export function isInsideForeignCapture(): boolean {
  return depth > 0;
}

interface Message {
  readonly request?: { addHeader?: unknown };
}

/** Watches who subscribes to the channel from now on; listeners of Powertools become silent. */
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

/** Runs a listener so that it finds no segment, and adds no second trace header. */
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
