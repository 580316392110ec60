import { DiagLogLevel, diag } from '@opentelemetry/api';

/** Collects the messages of the OpenTelemetry `diag` logger from this call on. */
export interface Messages extends Disposable {
  readonly warnings: string[];
  readonly infos: string[];
}

export function collectMessages(): Messages {
  const warnings: string[] = [];
  const infos: string[] = [];
  const nothing = () => {};
  diag.setLogger(
    {
      error: nothing,
      warn: (message) => void warnings.push(message),
      info: (message) => void infos.push(message),
      debug: nothing,
      verbose: nothing,
    },
    { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
  );
  return { warnings, infos, [Symbol.dispose]: () => diag.disable() };
}
