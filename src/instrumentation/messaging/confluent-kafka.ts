import { type Context, type Link, propagation } from '@opentelemetry/api';
import { messageLinks } from '../../propagation/message-links.ts';
import { enqueueJob, runJob } from '../jobs/job-run.ts';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';

const NAME = 'confluent-kafka';
const SYSTEM = 'kafka';

/** The files of the classes of both APIs: the one like KafkaJS, and the one of librdkafka below it. */
const PRODUCER = '@confluentinc/kafka-javascript/lib/producer.js';
const CONSUMER = '@confluentinc/kafka-javascript/lib/kafka-consumer.js';
const FILES = ['_producer.js', '_consumer.js'].map(
  (file) => `@confluentinc/kafka-javascript/lib/kafkajs/${file}`,
);

type Headers = Readonly<Record<string, unknown>>;

interface Message {
  /** Texts, buffers, or lists of them. */
  readonly headers?: Headers | null;
}

/** What an app sends; not validated yet. */
interface Sending {
  readonly topic: string;
  readonly messages: readonly Message[];
}

interface Producer {
  /** Sends messages to one topic; `sendBatch` calls it for each of its topics. */
  send?(this: Producer, sending: Sending): unknown;
}

interface MessagePayload {
  readonly topic: string;
  readonly message: Message;
}

interface BatchPayload {
  readonly batch: { readonly topic: string; readonly messages: readonly Message[] };
}

interface RunConfig {
  readonly eachMessage?: (payload: MessagePayload) => unknown;
  readonly eachBatch?: (payload: BatchPayload) => unknown;
}

interface Consumer {
  run?(this: Consumer, config: RunConfig): unknown;
}

interface Exports {
  readonly Producer?: { readonly prototype: Producer };
  readonly Consumer?: { readonly prototype: Consumer };
}

/**
 * Traces both APIs of Confluent's client, by the name of the topic: `send`, `sendBatch` and `produce`
 * of a request, the functions `eachMessage` and `eachBatch`, and listeners of `data`.
 */
export class ConfluentKafkaInstrumentation {
  readonly #hook: Hook = new Hook([...FILES, PRODUCER, CONSUMER], {}, (exports, name) => {
    if (name === PRODUCER) traceProducing((exports as { prototype: RawProducer }).prototype);
    else if (name === CONSUMER) traceData((exports as { prototype: RawConsumer }).prototype);
    else {
      const { Producer, Consumer } = exports as Exports;
      if (Producer !== undefined) traceSending(Producer.prototype);
      if (Consumer !== undefined) traceHandling(Consumer.prototype);
    }
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function traceSending(prototype: Producer): void {
  wrapMethods(prototype, {
    send: (original) =>
      function send(this: Producer, sending): unknown {
        // The library rejects what it cannot send.
        if (!isSending(sending)) return original.call(this, sending);
        const job = { instrumentation: NAME, system: SYSTEM, queue: sending.topic };
        return enqueueJob(job, (span, sender) => {
          const carrying =
            span === undefined ? undefined : attempt(NAME, () => withTrace(sending, sender));
          return original.call(this, carrying ?? sending);
        });
      },
  });
}

function isSending(sending: Sending | null | undefined): sending is Sending {
  return typeof sending?.topic === 'string' && Array.isArray(sending.messages);
}

/** Returns a copy with the trace in the headers of each message. Headers that the app set stay. */
function withTrace(sending: Sending, sender: Context): Sending {
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  const messages = sending.messages.map((message) => {
    const { headers } = message;
    if (Array.isArray(headers)) return message;
    return { ...message, headers: { ...carrier, ...headers } };
  });
  return { ...sending, messages };
}

function traceHandling(prototype: Consumer): void {
  wrapMethods(prototype, {
    run: (original) =>
      function run(this: Consumer, config): unknown {
        const traced = attempt(NAME, () => tracedConfig(config));
        return original.call(this, traced ?? config);
      },
  });
}

function tracedConfig(config: RunConfig): RunConfig | undefined {
  const { eachMessage, eachBatch } = config;
  return {
    ...config,
    ...(typeof eachMessage === 'function' && {
      eachMessage: (payload: MessagePayload) =>
        handle(payload.topic, [payload.message], () => eachMessage.call(config, payload)),
    }),
    ...(typeof eachBatch === 'function' && {
      eachBatch: (payload: BatchPayload) =>
        handle(payload.batch.topic, payload.batch.messages, () => eachBatch.call(config, payload)),
    }),
  };
}

interface RawProducer {
  produce?(this: RawProducer, ...args: unknown[]): unknown;
}

/** Position of the headers in the arguments of `produce`: a list of objects with one header each. */
const HEADERS = 6;

function traceProducing(prototype: RawProducer): void {
  wrapMethods(prototype, {
    produce: (original) =>
      function produce(this: RawProducer, ...args): unknown {
        const [topic] = args;
        // The API like KafkaJS calls this method with messages that carry the trace.
        if (typeof topic !== 'string' || hasTrace(args[HEADERS])) return original.apply(this, args);
        const job = { instrumentation: NAME, system: SYSTEM, queue: topic };
        return enqueueJob(job, (span, sender) => {
          const carrying =
            span === undefined ? undefined : attempt(NAME, () => producedWith(args, sender));
          return original.apply(this, carrying ?? args);
        });
      },
  });
}

function hasTrace(headers: unknown): boolean {
  const names = propagation.fields().map((name) => name.toLowerCase());
  return rawHeaders(headers).some(([name]) => names.includes(name.toLowerCase()));
}

function rawHeaders(headers: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (!Array.isArray(headers)) return [];
  return headers.flatMap((header) => Object.entries((header ?? {}) as Headers));
}

function producedWith(args: readonly unknown[], sender: Context): unknown[] {
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  const own = Array.isArray(args[HEADERS]) ? (args[HEADERS] as unknown[]) : [];
  const more = Object.entries(carrier).map(([name, value]) => ({ [name]: value }));
  return Object.assign([...args], { [HEADERS]: [...own, ...more] });
}

interface RawConsumer {
  emit?(this: RawConsumer, event: string, ...values: unknown[]): unknown;
  listenerCount?(event: string): number;
}

function traceData(prototype: RawConsumer): void {
  wrapMethods(prototype, {
    emit: (original) =>
      function emit(this: RawConsumer, event, ...values): unknown {
        const run = (): unknown => original.call(this, event, ...values);
        if (event !== 'data' || !this.listenerCount?.(event)) return run();
        const { topic, headers } = (values[0] ?? {}) as { topic?: string; headers?: unknown };
        const message = { headers: Object.fromEntries(rawHeaders(headers)) };
        return handle(topic ?? SYSTEM, [message], run);
      },
  });
}

/** The library awaits the result and retries messages whose function fails. */
function handle(topic: string, messages: readonly Message[], run: () => unknown): unknown {
  const attributes = {
    'messaging.system': SYSTEM,
    'messaging.destination.name': topic,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    ...(messages.length > 1 && { 'messaging.batch.message_count': messages.length }),
  };
  const links = attempt(NAME, () => linksOf(messages)) ?? [];
  return runJob({ instrumentation: NAME, name: topic, attributes, links }, run);
}

function linksOf(messages: readonly Message[]): readonly Link[] {
  const names = propagation.fields();
  return messageLinks(
    messages.map(({ headers }) => {
      const texts = Object.entries(headers ?? {})
        .filter(([name]) => names.includes(name.toLowerCase()))
        .map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]);
      return { messageAttributes: Object.fromEntries(texts) as Record<string, string> };
    }),
  );
}
