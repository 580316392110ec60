import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { runInSpan } from '../spans/run-in-span.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';

const NAME = 'nodemailer';

interface Transport {
  /** `SMTP` or `SMTP (pool)`; others call a service that has a span of its own, or nothing. */
  readonly name?: string;
  readonly options?: { readonly host?: string; readonly port?: number; readonly service?: string };
}

interface Mail {
  readonly transporter?: Transport;
  sendMail?(this: Mail, ...args: unknown[]): unknown;
}

type SendMail = NonNullable<Mail['sendMail']>;
type CreateTransport = (this: unknown, ...args: unknown[]) => unknown;

/** Traces e-mails that nodemailer sends over SMTP, by the host of the server. */
export class NodemailerInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const { createTransport } = exports as { readonly createTransport?: unknown };
    if (typeof createTransport !== 'function') return exports;
    const traced = tracedTransports(createTransport as CreateTransport);
    return withExports(exports as Record<string, unknown>, { createTransport: traced });
  });

  disable(): void {
    this.#hook.unhook();
  }
}

/** The class is internal: its prototype is changed when the first object of it is created. */
function tracedTransports(original: CreateTransport): CreateTransport {
  return function createTransport(this: unknown, ...args): unknown {
    const mail = original.apply(this, args);
    attempt(NAME, () =>
      wrapMethodsOnce(Object.getPrototypeOf(mail) as Mail, { sendMail: tracedSending }),
    );
    return mail;
  };
}

function tracedSending(original: SendMail): SendMail {
  return function sendMail(this: Mail, ...args): unknown {
    const start = (): Span | undefined => startSpan(this.transporter);
    const [mail, callback] = args;
    if (typeof callback !== 'function') {
      return runInSpan(NAME, start, () => original.apply(this, args));
    }
    const outside = context.active();
    const span = attempt(NAME, start);
    if (span === undefined) return original.apply(this, args);
    const done = (error: unknown, ...results: unknown[]): unknown => {
      attempt(NAME, () => {
        if (error) recordError(span, error);
        span.end();
      });
      return context.with(outside, () => Reflect.apply(callback, undefined, [error, ...results]));
    };
    const within = trace.setSpan(outside, span);
    return context.with(within, () => original.call(this, mail, done));
  };
}

/** @returns `undefined` outside a trace, and for other transports than SMTP */
function startSpan({ name = '', options }: Transport = {}): Span | undefined {
  if (!name.startsWith('SMTP') || trace.getSpan(context.active()) === undefined) return undefined;
  const { host = options?.service ?? 'localhost', port } = options ?? {};
  return trace.getTracer(`otel-xray/${NAME}`).startSpan('sendMail', {
    kind: SpanKind.CLIENT,
    attributes: {
      'server.address': host,
      ...(port !== undefined && { 'server.port': Number(port) }),
    },
  });
}
