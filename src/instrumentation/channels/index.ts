import { type Channel, channel } from 'node:diagnostics_channel';
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { type ContextStorage, contextStorage } from '../../context-storage.ts';
import { reportFailure } from '../wrap/guard.ts';
import { CHANNEL_SETS, type ChannelSet } from './sets.ts';
import type { ChannelOptions, ChannelTracing, StartOperation } from './tracing-channel.ts';

export interface ChannelsOptions extends ChannelOptions {
  readonly isEnabled: (name: string) => boolean;
  /** Loads the module of a set, which is a chunk of its own. */
  readonly load: (name: string) => ChannelTracing;
}

/** Libraries that are traced by the `TracingChannel`s they publish. */
export interface Channels {
  /** Ends the tracing of a library by its channels. */
  stop(name: string): void;
  stopAll(): void;
}

/**
 * Watches the channels of all sets. A set is loaded with its first message, so that libraries which the
 * app does not use cost nothing; a copy of the library inside a bundle publishes on the same channels.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html#class-tracingchannel
 */
export function traceChannels(options: ChannelsOptions): Channels {
  const store = contextStorage();
  const active = new Map<string, () => void>();
  if (store !== undefined) {
    for (const set of CHANNEL_SETS) {
      if (options.isEnabled(set.name)) active.set(set.name, watch(set, store, options));
    }
  }
  const stop = (name: string): void => {
    active.get(name)?.();
    active.delete(name);
  };
  return {
    stop,
    stopAll() {
      for (const name of [...active.keys()]) stop(name);
    },
  };
}

/** Returns what unsubscribes. */
function watch(
  { name, channels, leaves = [], onDemand = [] }: ChannelSet,
  store: ContextStorage,
  options: ChannelsOptions,
): () => void {
  let tracing: ChannelTracing | undefined;
  const listenTo = (channelName: string, isLeaf: boolean): StartOperation => {
    try {
      tracing ??= options.load(name);
      return tracing.listen(channelName, store, isLeaf, begin);
    } catch (error) {
      stop();
      throw error;
    }
  };
  const undo = new Map<string, () => void>();
  const begin = (channelName: string): void => {
    if (!undo.has(channelName)) undo.set(channelName, watchChannel(channelName));
  };
  const watchChannel = (channelName: string): (() => void) => {
    // The reference keeps the channel: Node may collect one that nobody refers to.
    const start = channel(`tracing:${channelName}:start`) as unknown as Channel<Context, object>;
    const isLeaf = leaves.includes(channelName);
    let startOperation: StartOperation | undefined;
    const onStart = (message: object): Context => {
      const outer = store.getStore() ?? ROOT_CONTEXT;
      try {
        startOperation ??= listenTo(channelName, isLeaf);
        return startOperation(message, outer);
      } catch (error) {
        reportFailure(name, error);
        return outer;
      }
    };
    if (isLeaf) {
      const listener = (message: unknown): void => void onStart(message as object);
      start.subscribe(listener);
      return () => void start.unsubscribe(listener);
    }
    start.bindStore(store, onStart);
    return () => void start.unbindStore(store);
  };
  for (const channelName of channels) {
    if (!onDemand.includes(channelName)) begin(channelName);
  }
  const stop = (): void => {
    for (const step of undo.values()) step();
    tracing?.stop();
  };
  return stop;
}
