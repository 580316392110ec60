import { type Attributes, type Exception, SpanKind, trace } from '@opentelemetry/api';
import { onStart, type StartedSpan, type StartProcessor } from '../../start-processor.ts';
import { LAYER } from './layer-mark.ts';
import { failWithoutCause } from './record-failure.ts';

/** Read by the translator. */
const TRANSPORT = 'aws.xray.transport';

/** Names that libraries above a driver have for systems, by the name of the semantic conventions. */
const SYSTEMS: Readonly<Record<string, string>> = {
  mariadb: 'mysql',
  mssql: 'microsoft.sql_server',
  postgres: 'postgresql',
  sqlserver: 'microsoft.sql_server',
};

const MODEL_KEYS = ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.system'] as const;

const SERVER_KEYS = ['server.address', 'net.peer.name', 'url.full'] as const;
const REQUEST_KEYS = ['server.address', 'server.port', 'http.request.method', 'url.full'] as const;

/**
 * An instrumentation that has a CLIENT span for each message to the server below that of the call, and
 * knows the system only at its end.
 */
const WITH_ROUND_TRIPS = '@opentelemetry/instrumentation-oracledb';

/** Of the spans of knex, which has names of its own for many systems. */
const KNEX = 'knex.version';

/** Property of the span of a layer with that of its latest call of the driver. */
const CALL: unique symbol = Symbol('otel-xray call');

/** A span that has recorded events. */
interface CallSpan extends StartedSpan {
  readonly events?: readonly { readonly name: string; readonly attributes?: Attributes }[];
}

interface LayerSpan extends StartedSpan {
  [CALL]?: CallSpan;
}

/**
 * Returns what a call goes to: `model`, or the system of a database; `undefined` for other calls.
 */
function calledSystem({ attributes }: StartedSpan): string | undefined {
  const system = attributes['db.system.name'] ?? attributes['db.system'];
  if (typeof system === 'string') return SYSTEMS[system] ?? system;
  return MODEL_KEYS.some((key) => key in attributes) ? 'model' : undefined;
}

/**
 * Returns a span processor that marks spans of one call that are nested, so that one of them stands
 * for the called service: of two spans for the same database or for a model, as a library above a
 * driver creates them, the outer one is a layer, which does not repeat the error of the inner one; an
 * HTTP request directly below such a span is its transport. Of a call of oracledb, the messages are
 * layers.
 *
 * @see docs/spec/translation.md B-52, B-54
 */
export function layers(): StartProcessor {
  return onStart((span, parentContext) => {
    if (span.kind !== SpanKind.CLIENT) return;
    const around = trace.getSpan(parentContext) as StartedSpan | undefined;
    // A span that is not recorded, or a remote one, has no kind.
    if (around?.kind !== SpanKind.CLIENT) return;
    if (scopeOf(span) === WITH_ROUND_TRIPS && scopeOf(around) === WITH_ROUND_TRIPS) {
      span.setAttribute(LAYER, true);
      return;
    }
    const system = calledSystem(around);
    if (system === undefined) return;
    const inner = calledSystem(span);
    if (system === inner || (inner !== undefined && KNEX in around.attributes)) {
      around.setAttribute(LAYER, true);
      leaveCauseTo(span, around);
    } else if ('http.request.method' in span.attributes) {
      span.setAttribute(TRANSPORT, true);
      addServer(around, span);
    }
  });
}

const scopeOf = (span: StartedSpan): string | undefined => span.instrumentationScope?.name;

/** Lets a layer fail without a cause where the call of the driver below it has the same error. */
function leaveCauseTo(call: CallSpan, layer: LayerSpan): void {
  const isWatched = layer[CALL] !== undefined;
  layer[CALL] = call;
  if (isWatched) return;
  const { recordException } = layer;
  layer.recordException = function (this: LayerSpan, error, time) {
    if (isErrorOf(layer[CALL], error)) failWithoutCause(this);
    else recordException.call(this, error, time);
  };
}

/** A library may put the query before the message of the driver. */
function isErrorOf(call: CallSpan | undefined, error: Exception): boolean {
  const recorded = call?.events?.findLast(({ name }) => name === 'exception')?.attributes;
  const message = recorded?.['exception.message'];
  if (typeof message !== 'string' || message === '') return false;
  const text = typeof error === 'string' ? error : error?.message;
  return text?.endsWith(message) === true;
}

/** Libraries often record where a call went only if it succeeds, or not at all. */
function addServer(call: StartedSpan, { attributes }: StartedSpan): void {
  if (SERVER_KEYS.some((key) => key in call.attributes)) return;
  for (const key of REQUEST_KEYS) {
    const value = attributes[key];
    if (value !== undefined) call.setAttribute(key, value);
  }
}
