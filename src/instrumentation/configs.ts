import { LOG_FIELD, logInstrumentationOptions } from '../logs/hook.ts';
import { traceMessages } from './aws-requests.ts';

/**
 * Options of the instrumentations, where ours differ from upstream's defaults.
 *
 * Express and Koa make a span for every middleware, which makes a trace five times as large and
 * says little: they are folded away unless asked for. Route handlers and routers stay.
 */
export interface InstrumentationHooks {
  /** Whether an incoming request is never traced, by its path and headers. */
  readonly ignoreIncoming?: ((request: unknown) => boolean) | undefined;
  /** Called with the span and the message of each side, before headers leave. */
  readonly onResponse?: ((span: unknown, response: unknown) => void) | undefined;
  /** Whether log lines get the trace id. */
  readonly logTraceIds: boolean;
  readonly middlewareSpans: boolean;
}

type Configs = Readonly<Record<string, (hooks: InstrumentationHooks) => object>>;

const layers = ({ middlewareSpans }: InstrumentationHooks): object =>
  middlewareSpans ? {} : { ignoreLayersType: ['middleware'] };
const logs = ({ logTraceIds }: InstrumentationHooks): object =>
  logInstrumentationOptions(logTraceIds ? LOG_FIELD : undefined);

const CONFIGS: Configs = {
  'aws-sdk': () => ({ suppressInternalInstrumentation: true, preRequestHook: traceMessages }),
  bunyan: logs,
  express: layers,
  fastify: () => ({ registerOnInitialization: true }),
  http: ({ ignoreIncoming, onResponse }) => ({
    ...(ignoreIncoming && { ignoreIncomingRequestHook: ignoreIncoming }),
    ...(onResponse && { responseHook: onResponse }),
  }),
  koa: layers,
  pino: logs,
  winston: logs,
};

/** The options for the constructor of the named instrumentation. */
export function instrumentationConfig(name: string, hooks: InstrumentationHooks): object {
  return CONFIGS[name]?.(hooks) ?? {};
}
