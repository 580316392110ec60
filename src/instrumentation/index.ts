import { createRequire } from 'node:module';
import { type MeterProvider, metrics, type Tracer, type TracerProvider } from '@opentelemetry/api';
import { infoOnce, warnOnce } from '../diagnostics.ts';
import { realHttp } from '../real-http.ts';
import { traceChannels } from './channels/index.ts';
import { channelUse } from './channels/sets.ts';
import type { ChannelOptions, ChannelTracing } from './channels/tracing-channel.ts';
import { type FastifyInstrumentation, onFirstFastify } from './frameworks/first-fastify.ts';
import {
  type FrameworkOptions,
  type FrameworkSpans,
  frameworkTracers,
  isFramework,
} from './frameworks/framework-tracers.ts';
import { type LateRequestContext, lateRequests } from './frameworks/late-requests.ts';
import { type FetchInstrumentation, onFirstFetch } from './http/fetch.ts';
import { watchVersions } from './known-versions.ts';
import { BASE_PACKAGE, watchAppInstrumentations } from './loading/app-instrumentations.ts';
import { onFirstUse, patchBuiltin } from './loading/builtins.ts';
import { watchBundledModules } from './loading/bundled.ts';
import { watchEsModules } from './loading/esm.ts';
import { guardWraps } from './loading/guarded-wrap.ts';
import {
  API_PACKAGE,
  loadedBefore,
  warnOfLoadedBefore,
  warnOfNewerApi,
  watchApiCopies,
} from './loading/load-order.ts';
import { type LoadedFile, watchModuleLoads } from './loading/module-load.ts';
import { widenRanges } from './loading/ranges.ts';
import { type Load, registerHooks } from './loading/resolve-hook.ts';
import { isXRaySdk, xraySdkReplacement } from './loading/xray-sdk-facade.ts';
import { isFolded } from './spans/folded.ts';
import { foldingProvider, foldRule } from './spans/folding.ts';
import { INSTRUMENTATIONS } from './table.ts';

export interface InstrumentOptions {
  /** Whether the instrumentation of this name may be loaded at all. */
  readonly isEnabled: (name: string) => boolean;
  /** Options for the constructor of an instrumentation. */
  readonly configOf: (name: string) => object;
  /** Whether the app's entry point is an ES module. */
  readonly startsAsEsm: boolean;
  /** Whether it is known how Node.js loads the entry point. */
  readonly isEntryKnown: boolean;
  /** Whether middleware and hooks of frameworks are subsegments of their own. */
  readonly middlewareSpans: boolean;
  /** Whether successful connections to a database have a span. */
  readonly connectSpans: boolean;
  /** Whether the facade replaces packages of the X-Ray SDK. */
  readonly answersXRaySdk: boolean;
  /** Version of this package, for the scope of our own instrumentations. */
  readonly version: string;
}

const require = createRequire(import.meta.url);

export interface Instrumented {
  /**
   * Call with the name of every tracer that is requested. An instrumentation of the app requests its
   * tracer before it patches anything; ours of the same name is then disabled.
   */
  onTracer(scope: string): void;
  /** Returns the tracer to hand out in place of a requested one. */
  readonly refineTracer: (scope: string, tracer: Tracer) => Tracer;
  /** Stops watching; modules that are instrumented stay instrumented. */
  stop(): void;
}

/**
 * Watches for modules to instrument; loads an instrumentation when the app first loads its module.
 *
 * @see docs/spec/packaging.md section 3
 */
export function instrument(options: InstrumentOptions): Instrumented {
  const { startsAsEsm } = options;
  const ours = ownInstrumentations(options);
  const undo: (() => void)[] = [];

  const isOurs = (packageName: string): boolean => ours.ofPackage(packageName).length > 0;
  const wants = (packageName: string): boolean =>
    packageName === BASE_PACKAGE || isOurs(packageName);
  const answers = (packageName: string): boolean =>
    options.answersXRaySdk && isXRaySdk(packageName);
  const warnIfTooNew = watchVersions();
  const channels = traceChannels({
    isEnabled: options.isEnabled,
    version: options.version,
    middlewareSpans: options.middlewareSpans,
    connectSpans: options.connectSpans,
    load: (name) => channelChunk(name, options),
  });
  undo.push(channels.stopAll);
  const lateRequest = options.isEnabled('http') ? lateRequests() : undefined;
  const frameworks = frameworkTracers((name) => frameworkSpans(name, options, lateRequest));
  const onPackage = (file: LoadedFile): void => {
    frameworks.onPackage(file.packageName);
    const use = channelUse(file);
    if (use === 'instead') return;
    if (use === 'never') channels.stop(file.packageName);
    const started = ours.ofPackage(file.packageName).map((name) => ours.start(name));
    // An instrumentation of the app that replaces ours may support the version.
    if (started.some((own) => own !== undefined)) warnIfTooNew(file);
  };
  const bundled = watchBundledModules(onPackage, options.answersXRaySdk);
  warnOfLoadedBefore([...new Set([...loadedBefore(isOurs), ...bundled.before.filter(isOurs)])]);
  undo.push(
    bundled.stop,
    watchModuleLoads(
      (name) => name === API_PACKAGE || isFramework(name) || wants(name) || answers(name),
      onPackage,
      options.answersXRaySdk ? xraySdkReplacement : undefined,
    ),
    watchApiCopies(),
    watchEsModules(
      startsAsEsm,
      wants,
      onPackage,
      ({ packageName, baseDir }) => {
        if (packageName === API_PACKAGE) warnOfNewerApi(baseDir);
      },
      () => serverBuilds(options),
    ),
    watchAppInstrumentations((scope) => {
      if (ours.nameOf(scope) === 'http') patchBuiltin('http');
    }),
  );

  watchBuiltins(options, ours);
  if (options.isEnabled('fastify')) {
    const start = (): FastifyInstrumentation | undefined =>
      ours.start('fastify') as FastifyInstrumentation | undefined;
    undo.push(onFirstFastify(start, () => ours.hasStarted('fastify')));
  }
  if (options.isEnabled('undici')) {
    undo.push(onFirstFetch(() => ours.start('undici') as FetchInstrumentation | undefined));
  }

  return {
    onTracer(scope) {
      const deferred = ours.deferTo(scope);
      if (deferred !== undefined) channels.stop(deferred);
    },
    refineTracer: frameworks.refine,
    stop() {
      for (const step of undo.splice(0)) step();
    },
  };
}

/** Instruments modules of Node.js: those that most apps use with their first use, others at once. */
function watchBuiltins(options: InstrumentOptions, ours: OwnInstrumentations): void {
  const { isEnabled, startsAsEsm } = options;
  if (isEnabled('http')) {
    const patch = (name: 'http' | 'https') => (wasLoaded: boolean) => {
      realHttp(name);
      ours.start('http');
      patchBuiltin(name, wasLoaded);
    };
    // Most apps use it, so there must be no way to load it that is not seen.
    if (options.isEntryKnown && registerHooks !== undefined) {
      onFirstUse('http', startsAsEsm, patch('http'));
    } else patch('http')(true);
    onFirstUse('https', startsAsEsm, patch('https'));
  }
  for (const [name, builtins] of Object.entries(BUILTINS)) {
    if (!isEnabled(name)) continue;
    ours.start(name);
    for (const builtin of builtins) patchBuiltin(builtin);
  }
  if (isEnabled('sqlite') && hasSqlite()) {
    onFirstUse('sqlite', startsAsEsm, () => {
      const { instrumentSqlite } = chunk<{ instrumentSqlite(version: string): void }>('sqlite');
      instrumentSqlite(options.version);
    });
  }
}

interface OwnInstrumentations {
  /** Names of the instrumentations of a package. */
  ofPackage(packageName: string): readonly string[];
  /** Name of the instrumentation whose tracer has this name. */
  nameOf(scope: string): string | undefined;
  /** Constructs an instrumentation on the first call, unless the app has registered its own. */
  start(name: string): unknown;
  /** Whether an instrumentation is constructed, or replaced by one of the app. */
  hasStarted(name: string): boolean;
  /**
   * Disables our instrumentation with this tracer name permanently.
   *
   * @returns its name, if it is disabled by this call
   */
  deferTo(scope: string): string | undefined;
}

function ownInstrumentations(options: InstrumentOptions): OwnInstrumentations {
  // Most programs that end soon load no package, and get no tracer but that of `http`.
  let byScope: ReadonlyMap<string, string> | undefined;
  let byPackage: ReadonlyMap<string, readonly string[]> | undefined;
  const started = new Map<string, Instrumentation | undefined>();
  let constructing = false;
  const nameOf = (scope: string): string | undefined => {
    byScope ??= namesByScope(options);
    return byScope.get(scope);
  };
  return {
    ofPackage(packageName) {
      byPackage ??= namesByPackage(options);
      return byPackage.get(packageName) ?? [];
    },
    nameOf,
    hasStarted: (name) => started.has(name),
    start(name) {
      if (!started.has(name)) {
        constructing = true;
        started.set(name, construct(name, options));
        constructing = false;
      }
      return started.get(name);
    },
    deferTo(scope) {
      const name = constructing ? undefined : nameOf(scope);
      if (name === undefined) return undefined;
      const own = started.get(name);
      if (started.has(name) && own === undefined) return undefined;
      started.set(name, undefined);
      own?.disable?.();
      infoOnce(`using the ${scope} of the app instead of ours`);
      return name;
    },
  };
}

function namesByScope({ isEnabled }: InstrumentOptions): ReadonlyMap<string, string> {
  const names = new Map(Object.entries(OTHER_SCOPES));
  for (const { name, from } of INSTRUMENTATIONS) if (isEnabled(name)) names.set(from, name);
  return names;
}

function namesByPackage({ isEnabled }: InstrumentOptions): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { name, modules } of INSTRUMENTATIONS) {
    if (!isEnabled(name)) continue;
    for (const module of modules) names.set(module, [...(names.get(module) ?? []), name]);
  }
  return names;
}

/** Off by default; patched in place like `http`. */
const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  dns: ['dns', 'dns/promises'],
  fs: ['fs', 'fs/promises'],
  net: ['net'],
};

/** Node has both `module.registerHooks` and `node:sqlite` without a flag from 22.15 on. */
function hasSqlite(): boolean {
  return process.getBuiltinModule !== undefined && 'registerHooks' in require('node:module');
}

/** Tracers of instrumentations that an app may register, for packages that ours trace as well. */
const OTHER_SCOPES: Readonly<Record<string, string>> = {
  // Deprecated in favor of `@fastify/otel`, which is compiled in.
  '@opentelemetry/instrumentation-fastify': 'fastify',
  '@opentelemetry/instrumentation-openai': 'openai',
  '@traceloop/instrumentation-openai': 'openai',
  '@arizeai/openinference-instrumentation-openai': 'openai',
  '@traceloop/instrumentation-anthropic': 'anthropic',
  '@arizeai/openinference-instrumentation-anthropic': 'anthropic',
};

interface Instrumentation {
  setMeterProvider?(provider: MeterProvider): void;
  setTracerProvider?(provider: TracerProvider): void;
  disable?(): void;
}

function construct(name: string, options: InstrumentOptions): Instrumentation | undefined {
  return started(name, () => {
    const { I } = chunk<{ I: new (config: object) => Instrumentation }>(name);
    const made = new I(options.configOf(name));
    widenRanges(name, made);
    // Some declare their metrics as fields without a value, which shadow those of the base class.
    made.setMeterProvider?.(metrics.getMeterProvider());
    if (isFolded(name)) {
      const rule = foldRule(name, options.middlewareSpans, options.isEnabled);
      made.setTracerProvider?.(foldingProvider(rule));
    }
    guardWraps(name, made);
    return made;
  });
}

/** Creates what shapes the spans of a framework. One that is disabled still gives segments their route. */
function frameworkSpans(
  name: string,
  options: InstrumentOptions,
  lateRequest: LateRequestContext | undefined,
): FrameworkSpans | undefined {
  return started(name, () => {
    const { I } = chunk<{ I: new (options: FrameworkOptions) => FrameworkSpans }>(name);
    return new I({
      spans: options.isEnabled(name),
      allSpans: options.middlewareSpans,
      tracesFetch: options.isEnabled('undici'),
      lateRequest,
    });
  });
}

function serverBuilds({ isEnabled }: InstrumentOptions): Load | undefined {
  return started('server-builds', () => {
    const { loadServerBuilds } = chunk<{
      loadServerBuilds(isEnabled: (name: string) => boolean): Load;
    }>('server-builds');
    return loadServerBuilds(isEnabled);
  });
}

/** Starts an instrumentation; logs one warning if that fails. */
function started<T>(name: string, start: () => T): T | undefined {
  try {
    return start();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') warnOnce(BUNDLED);
    else warnOnce(`instrumentation ${name} cannot start: ${String(error)}`);
    return undefined;
  }
}

/** Loads the module of a set of channels. */
function channelChunk(name: string, options: ChannelOptions): ChannelTracing {
  const { traceLibrary } = chunk<{ traceLibrary(options: ChannelOptions): ChannelTracing }>(
    `channels-${name}`,
  );
  return traceLibrary(options);
}

const BUNDLED =
  'no instrumentation was found, because otel-xray was bundled into the app. Mark otel-xray as ' +
  'external (Next.js: serverExternalPackages), install it, and start the app with: node --import ' +
  'otel-xray/register';

/** Loads a chunk, which is next to this file in `dist`. */
function chunk<T>(name: string): T {
  return require(`./i/${name}.cjs`) as T;
}
