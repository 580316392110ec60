import { diag } from '@opentelemetry/api';
import { type ConfigOptions, type Environment, readConfig } from './config.ts';
import { infoOnce, warnOnce } from './diagnostics.ts';
import { setLogger } from './logger.ts';
import { writeToStderr } from './output.ts';
import type { AppSpanProcessor } from './span-processors.ts';
import { existingHandle, registeredDistribution, storeHandle } from './start/already-started.ts';
import { isPackageManager } from './start/entry-point.ts';
import type { Started } from './start/handle.ts';
import { startPipeline } from './start/pipeline.ts';

export type { AppSpanProcessor } from './span-processors.ts';
export type { Started } from './start/handle.ts';

/** Options of {@link start}; the environment wins over those that have a variable. */
export interface StartOptions extends ConfigOptions {
  /**
   * Span processors of the app, which get every span beside ours: of SDK 1.x, 2.x or 3.x. When
   * tracing was started before, they are added to it.
   */
  readonly spanProcessors?: readonly AppSpanProcessor[] | undefined;
}

/** Nothing runs: switched off, a package manager, or somebody else traces this process. */
const NOTHING: Started = {
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  counters: () => undefined,
  addSpanProcessor: () => {},
};

/**
 * Starts tracing: provider, sampler, exporter, propagators, instrumentations on demand.
 *
 * `otel-xray/register` calls it; call it yourself for options in code, before anything else loads.
 * The environment wins over the options. Never throws: a wrong value is said once, and a fault of
 * ours leaves the app untraced.
 *
 * @see docs/rationale.md for the order of things
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
  if (isPackageManager(process.argv[1])) return NOTHING;
  const read = readConfig(env, options);
  if (read.config.disabled) return NOTHING;
  setLogger(read.config.logLevel, writeToStderr);
  for (const problem of read.problems) warnOnce(problem);
  if (read.ignored.length > 0) {
    infoOnce(`a configuration file is in force, so these do not count: ${read.ignored.join(', ')}`);
  }

  const other = registeredDistribution();
  if (other !== undefined) {
    warnOnce(
      `another OpenTelemetry set-up (${other}) started before this one, so nothing is started here. ` +
        'Load otel-xray/register first, or give that set-up our exporter, sampler and propagator.',
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

/** What detectors read of the environment themselves must not count either. */
function without(env: Environment, names: readonly string[]): Environment {
  if (names.length === 0) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/** Variables of the X-Ray SDK that mean nothing here. */
function sayIgnored(env: Environment): void {
  if (env['AWS_XRAY_MANUAL_MODE']) {
    infoOnce('AWS_XRAY_MANUAL_MODE is ignored: the context is always followed automatically');
  }
}
