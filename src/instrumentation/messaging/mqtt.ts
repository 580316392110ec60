import { type Context, type Link, propagation } from '@opentelemetry/api';
import { messageLinks } from '../../propagation/message-links.ts';
import { enqueueJob, runJob } from '../jobs/job-run.ts';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { replyListeners } from './mqtt-replies.ts';
import { withoutIds } from './subject-template.ts';

const NAME = 'mqtt';

type UserProperties = Readonly<Record<string, string | readonly string[]>>;

interface Properties {
  readonly properties?: { readonly userProperties?: UserProperties };
}

interface Client {
  readonly options?: { readonly protocolVersion?: number };
  publish?(this: Client, ...args: unknown[]): unknown;
  emit?(this: Client, event: string, ...values: unknown[]): unknown;
  listeners?(event: string): readonly object[];
}

interface Exports {
  readonly MqttClient?: { readonly prototype: Client };
}

/**
 * Traces MQTT.js: publishing in a request, and each message that the app handles, by its topic. Messages
 * carry the trace as user properties, which came with version 5 of the protocol.
 */
export class MqttInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const { MqttClient } = exports as Exports;
    if (MqttClient !== undefined) {
      wrapMethods(MqttClient.prototype, { publish: tracedPublish, emit: tracedEmit });
    }
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

type Method = (this: Client, ...args: unknown[]) => unknown;

function tracedPublish(original: Method): Method {
  return function publish(this: Client, ...args): unknown {
    const [topic] = args;
    if (typeof topic !== 'string') return original.apply(this, args);
    const job = { instrumentation: NAME, system: NAME, queue: withoutIds(topic, '/') };
    return enqueueJob(job, (span, sender) => {
      const carrying =
        span === undefined || this.options?.protocolVersion !== 5
          ? undefined
          : attempt(NAME, () => withTrace(args, sender));
      return original.apply(this, carrying ?? args);
    });
  };
}

/** Arguments: topic, message, options and callback, of which the last two may be left out. */
function withTrace(args: readonly unknown[], sender: Context): unknown[] {
  const [topic, message, ...rest] = args;
  const callback = rest.find((arg) => typeof arg === 'function');
  const options = rest[0] === callback ? {} : ((rest[0] ?? {}) as Properties);
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  const { properties } = options;
  const userProperties = { ...carrier, ...properties?.userProperties };
  const carrying = { ...options, properties: { ...properties, userProperties } };
  return [topic, message, carrying, ...(callback === undefined ? [] : [callback])];
}

type Emit = (this: Client, event: string, ...values: unknown[]) => unknown;

function tracedEmit(original: Emit): Emit {
  return function emit(this: Client, event, ...values): unknown {
    const run = (): unknown => original.call(this, event, ...values);
    if (event !== 'message') return run();
    const isHandled = this.listeners?.(event).some((listener) => !replyListeners.has(listener));
    if (isHandled !== true) return run();
    const [topic, , packet] = values as [string, unknown, Properties | undefined];
    const template = withoutIds(topic, '/');
    const attributes = {
      'messaging.system': NAME,
      'messaging.destination.name': topic,
      ...(template !== topic && { 'messaging.destination.template': template }),
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
    };
    const links = attempt(NAME, () => linksOf(packet)) ?? [];
    return runJob({ instrumentation: NAME, name: template, attributes, links }, run);
  };
}

function linksOf(packet: Properties | undefined): readonly Link[] {
  const names = propagation.fields();
  const own = Object.entries(packet?.properties?.userProperties ?? {})
    .filter(([name]) => names.includes(name.toLowerCase()))
    .map(([name, value]) => [name, String(value)]);
  return messageLinks([{ messageAttributes: Object.fromEntries(own) as Record<string, string> }]);
}
