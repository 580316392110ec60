import {
  context as activeContext,
  type Context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { foldingProvider } from '../spans/folding.ts';
import { isInTrace } from './job-senders.ts';

/** Configuration for pg-boss that gives its telemetry the form of our traces. */
export interface PgBossTelemetry {
  /** The configuration of the app, with a provider. */
  readonly config: object;
  /** Whether the version of pg-boss has telemetry and uses the provider. */
  isUsed(): boolean;
}

/**
 * Returns the configuration of the app with a tracer provider that shapes the spans of pg-boss. A job
 * is stored with the trace that enqueued it.
 *
 * @param given the argument of the app: a connection string or an object
 * @returns `undefined` if it configures telemetry itself, or is none of both
 */
export function pgBossTelemetry(given: unknown): PgBossTelemetry | undefined {
  const config = typeof given === 'string' ? { connectionString: given } : given;
  if (typeof config !== 'object' || config === null || 'openTelemetry' in config) return undefined;
  let used = false;
  const tracerProvider: TracerProvider = {
    getTracer(name, version, options) {
      used = true;
      return shapingTracer(foldingProvider(rule).getTracer(name, version, options));
    },
  };
  const openTelemetry = { propagateContext: true, tracerProvider };
  return { config: { ...config, openTelemetry }, isUsed: () => used };
}

const operationOf = ({ attributes = {} }: SpanOptions): unknown =>
  attributes['messaging.operation.type'];

/** A finished job is marked in the table, which is a query of the job. */
const rule = (_name: string, options: SpanOptions): 'fold or drop' | 'keep' =>
  operationOf(options) === 'settle' ? 'fold or drop' : 'keep';

type Shape = (
  tracer: Tracer,
  queue: string,
  options: SpanOptions,
  context: Context,
) => Span | undefined;

const SHAPES: Readonly<Record<string, Shape>> = {
  process(tracer, queue, options, context) {
    const sender = trace.getSpanContext(context);
    const links = [...(options.links ?? [])];
    if (sender !== undefined && isSpanContextValid(sender)) links.push({ context: sender });
    const attributes = { 'aws.local.service': queue, ...options.attributes };
    return tracer.startSpan(queue, { ...options, root: true, links, attributes }, ROOT_CONTEXT);
  },
  send: (tracer, queue, options, context) =>
    called(tracer, `${queue} add`, queue, options, context),
  receive: (tracer, queue, options, context) =>
    called(tracer, `${queue} receive`, queue, options, context),
};

/** Starts the span of a call of the app on a queue; outside a trace, the span is not recorded. */
function called(
  tracer: Tracer,
  name: string,
  queue: string,
  options: SpanOptions,
  context: Context,
): Span {
  if (!isInTrace()) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  const attributes = { 'service.peer.name': queue, ...options.attributes };
  return tracer.startSpan(name, { ...options, attributes }, context);
}

function shapingTracer(tracer: Tracer): Tracer {
  return {
    startSpan(name, options = {}, context = activeContext.active()) {
      const shape = SHAPES[String(operationOf(options))];
      const queue = String(options.attributes?.['messaging.destination.name'] ?? name);
      return shape?.(tracer, queue, options, context) ?? tracer.startSpan(name, options, context);
    },
    // pg-boss starts its spans with `startSpan`.
    startActiveSpan: tracer.startActiveSpan.bind(tracer) as Tracer['startActiveSpan'],
  };
}
