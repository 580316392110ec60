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
  /** Adds the trace id to a log record. */
  readonly logHook?: ((span: unknown, record: Record<string, unknown>) => void) | undefined;
  readonly middlewareSpans: boolean;
}

type Configs = Readonly<Record<string, (hooks: InstrumentationHooks) => object>>;

const layers = ({ middlewareSpans }: InstrumentationHooks): object =>
  middlewareSpans ? {} : { ignoreLayersType: ['middleware'] };
const logs = ({ logHook }: InstrumentationHooks): object =>
  logHook === undefined ? {} : { logHook };

const CONFIGS: Configs = {
  'aws-sdk': () => ({ suppressInternalInstrumentation: true }),
  bunyan: (hooks) => ({ ...logs(hooks), disableLogSending: true }),
  express: layers,
  fastify: () => ({ registerOnInitialization: true }),
  http: ({ ignoreIncoming, onResponse }) => ({
    ...(ignoreIncoming && { ignoreIncomingRequestHook: ignoreIncoming }),
    ...(onResponse && { responseHook: onResponse }),
  }),
  koa: layers,
  pino: (hooks) => ({ ...logs(hooks), disableLogSending: true }),
  winston: (hooks) => ({ ...logs(hooks), disableLogSending: true }),
};

/** The options for the constructor of the named instrumentation. */
export function instrumentationConfig(name: string, hooks: InstrumentationHooks): object {
  return CONFIGS[name]?.(hooks) ?? {};
}
