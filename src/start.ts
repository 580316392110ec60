import { diag } from '@opentelemetry/api';
import { type ConfigOptions, type Environment, readConfig } from './config.ts';
import { infoOnce, warnOnce } from './diagnostics.ts';
import { setLogger } from './logger.ts';
import { writeToStderr } from './output.ts';
import type { AppSpanProcessor } from './span-processors.ts';
import { existingHandle, registeredDistribution, storeHandle } from './start/already-started.ts';
import { isDeveloperTool } from './start/entry-point.ts';
import type { Started } from './start/handle.ts';
import { startPipeline } from './start/pipeline.ts';

export type { AppSpanProcessor } from './span-processors.ts';
export type { Started } from './start/handle.ts';

/** Options of {@link start}. Environment variables override them. */
export interface StartOptions extends ConfigOptions {
  /**
   * Span processors of the app (SDK 1.x, 2.x or 3.x), which also get every span. If tracing was
   * started before, they are added to it.
   */
  readonly spanProcessors?: readonly AppSpanProcessor[] | undefined;
}

/** Returned if tracing is disabled, the process is a package manager or developer tool, or is traced already. */
const NOTHING: Started = {
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  counters: () => undefined,
  instrumentationFailures: () => ({}),
  addSpanProcessor: () => {},
};

/**
 * Starts tracing: provider, sampler, exporter, propagators, and instrumentations when they are needed.
 *
 * `otel-xray/register` calls it. To pass options in code, call it before any other module loads;
 * environment variables override the options. Never throws: an invalid value logs one warning, and
 * after an internal error the app runs untraced.
 *
 * @see docs/rationale.md for the order of these steps
 */
export function start(options: StartOptions = {}): Started {
  const earlier = existingHandle<Started>();
  if (earlier !== undefined) {
    for (const processor of options.spanProcessors ?? []) earlier.addSpanProcessor(processor);
    return earlier;
  }
  const started = attempt(process.env, options);
  storeHandle(started);
  return started;
}

function attempt(env: Environment, options: StartOptions): Started {
  if (isDeveloperTool(process.argv[1])) return NOTHING;
  const read = readConfig(env, options);
  if (read.config.disabled) return NOTHING;
  setLogger(read.config.logLevel, writeToStderr);
  for (const problem of read.problems) warnOnce(problem);
  if (read.ignored.length > 0) {
    infoOnce(`ignored because a configuration file is in use: ${read.ignored.join(', ')}`);
  }

  const other = registeredDistribution();
  if (other !== undefined) {
    warnOnce(
      `not started: another OpenTelemetry setup (${other}) started first. Load otel-xray/register ` +
        'first, or pass our exporter, sampler and propagator to that setup.',
    );
    return NOTHING;
  }
  try {
    return startPipeline(read, without(env, read.ignored), options.spanProcessors ?? []);
  } catch (error) {
    diag.error('otel-xray: not started, the app runs untraced:', error);
    return NOTHING;
  } finally {
    sayIgnored(env);
  }
}

/** Detectors read the environment too, and must not see ignored variables. */
function without(env: Environment, names: readonly string[]): Environment {
  if (names.length === 0) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/** Logs the variables of the X-Ray SDK without an effect here. */
function sayIgnored(env: Environment): void {
  if (env['AWS_XRAY_MANUAL_MODE']) {
    infoOnce(
      'AWS_XRAY_MANUAL_MODE affects only calls of the X-Ray SDK: the context is always propagated automatically',
    );
  }
}
