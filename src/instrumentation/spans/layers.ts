import { SpanKind, trace } from '@opentelemetry/api';
import { onStart, type StartedSpan, type StartProcessor } from '../../start-processor.ts';
import { LAYER } from './layer-mark.ts';

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
 * driver creates them, the outer one is a layer; an HTTP request directly below such a span is its
 * transport. Of a call of oracledb, the messages are layers.
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
    if (system === calledSystem(span)) around.setAttribute(LAYER, true);
    else if ('http.request.method' in span.attributes) {
      span.setAttribute(TRANSPORT, true);
      addServer(around, span);
    }
  });
}

const scopeOf = (span: StartedSpan): string | undefined => span.instrumentationScope?.name;

/** Libraries often record where a call went only if it succeeds, or not at all. */
function addServer(call: StartedSpan, { attributes }: StartedSpan): void {
  if (SERVER_KEYS.some((key) => key in call.attributes)) return;
  for (const key of REQUEST_KEYS) {
    const value = attributes[key];
    if (value !== undefined) call.setAttribute(key, value);
  }
}
