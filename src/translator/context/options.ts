import { warnOnce } from '../../diagnostics.ts';
import type { SpanIdentity } from '../span.ts';
import { randomSegmentId } from '../values/ids.ts';
import type { ResourceParts } from './resource.ts';

/** Why a span was dropped. */
export type DropReason =
  | 'no valid trace id'
  | 'no valid span id'
  | 'no valid start time'
  | 'trace id too old or in the future'
  | 'the span could not be read';

/**
 * Options of the translation. Every option has a default, so `{}` works.
 *
 * Pass the same object each time: settings are computed once per object.
 */
export interface TranslatorOptions {
  /**
   * Attributes that become annotations, searchable in X-Ray: exact keys, or `prefix*`.
   * Resource attributes are named `otel.resource.<key>`. Default none.
   */
  readonly indexedAttributes?: readonly string[] | undefined;
  /** Attribute key → annotation name; a key named here is indexed. Default none. */
  readonly indexedAttributeAliases?: Readonly<Record<string, string>> | undefined;
  /** Every attribute that no block used becomes an annotation. Default false. */
  readonly indexAllAttributes?: boolean | undefined;
  /** Keep dots in annotation keys (then asked for as `annotation[a.b]`). Default true. */
  readonly annotationDots?: boolean | undefined;
  /**
   * Resource attributes shown in the metadata of segments: all, none, or these keys. Default
   * `'all'`.
   */
  readonly resourceMetadata?: 'all' | 'none' | readonly string[] | undefined;
  /** Keep span events that are no exceptions in `metadata.events`. Default true. */
  readonly recordEvents?: boolean | undefined;
  /**
   * Record the query text, as the instrumentation sanitised it. Default true. When false, neither
   * the text (`db.query.text`, `db.statement`) nor bound values (`db.query.parameter.*`,
   * `db.postgresql.values`, …) appear anywhere in a document: not in `sql`, metadata or
   * annotations.
   */
  readonly recordSqlQuery?: boolean | undefined;
  /**
   * Keep the literals of query texts. Default false: texts and numbers are replaced by `?`, because
   * they may be personal data or credentials.
   */
  readonly recordSqlLiterals?: boolean | undefined;
  /** Write {@link workingDirectory} beside exceptions. Default true. */
  readonly recordWorkingDirectory?: boolean | undefined;
  /** `process.cwd()` of the app; the translator itself asks nobody. Default none. */
  readonly workingDirectory?: string | undefined;
  /**
   * A root span of kind CLIENT or PRODUCER becomes a service segment plus a subsegment. Default
   * true.
   */
  readonly splitLocalRootClients?: boolean | undefined;
  /**
   * Tell X-Ray to wait for the called service's segment: `traced` on answered HTTP calls. Default
   * false.
   */
  readonly downstreamTraced?: boolean | undefined;
  /** Drop the query of every URL. Default false. */
  readonly stripUrlQuery?: boolean | undefined;
  /** CloudWatch log groups of the app, when the resource names none. */
  readonly logGroupNames?: readonly string[] | undefined;
  /**
   * Value of `AWS_XRAY_TRACING_NAME`: names segments when the resource has no proper service name.
   */
  readonly tracingName?: string | undefined;
  /** Present in Lambda only. */
  readonly lambda?: LambdaOptions | undefined;
  /** Whether this remote parent was made up for a header without `Parent`: then no `parent_id`. */
  readonly isRootOnly?: ((parent: SpanIdentity) => boolean) | undefined;
  /**
   * Drop spans, and links, whose trace id X-Ray would find too old or in the future. Default false.
   */
  readonly validateTraceIdTime?: boolean | undefined;
  /** Now, in epoch seconds. Default the system's clock. */
  readonly nowSeconds?: (() => number) | undefined;
  /** 16 random hex digits, not all zero. Default a cheap generator. */
  readonly randomId?: (() => string) | undefined;
  /** Told of every span that becomes no document. Default: a warning, once per reason. */
  readonly onDrop?: ((reason: DropReason) => void) | undefined;
  /**
   * Told what the user should know, at most once per process. Default: a warning through `diag`.
   */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface LambdaOptions {
  /**
   * `'subsegment'` of the function segment that Lambda itself makes (default), or a segment of its
   * own.
   */
  readonly root?: 'subsegment' | 'segment' | undefined;
  /**
   * `Parent` of the invocation's trace header; a function when it changes from invocation to
   * invocation, called with the parent in question.
   */
  readonly parentId?: string | ((parent: SpanIdentity) => string | undefined) | undefined;
}

/** The options with their defaults, and what is computed from them. */
export interface Settings extends DefinedOptions {
  /** Indexed keys without wildcards, in order of priority: attribute key → annotation name. */
  readonly indexedKeys: ReadonlyMap<string, string>;
  /** Indexed prefixes. */
  readonly indexedPrefixes: readonly string[];
  /** No list, no wildcard and no `indexAllAttributes`. */
  readonly indexesNothing: boolean;
  /** What was computed for each resource. */
  readonly resources: WeakMap<object, ResourceParts>;
}

type DefinedOptions = Required<{
  readonly [K in keyof Omit<
    TranslatorOptions,
    'indexedAttributes' | 'indexedAttributeAliases' | OptionalKey
  >]: NonNullable<TranslatorOptions[K]>;
}> &
  Pick<TranslatorOptions, OptionalKey>;
type OptionalKey = 'workingDirectory' | 'tracingName' | 'lambda' | 'isRootOnly';

const settingsByOptions = new WeakMap<TranslatorOptions, Settings>();

/** Returns the options with their defaults, computed once per options object. */
export function settingsOf(options: TranslatorOptions): Settings {
  // An app has one options object, and this runs for every span.
  if (options === last?.options) return last.settings;
  const settings = settingsByOptions.get(options) ?? resolve(options);
  settingsByOptions.set(options, settings);
  last = { options, settings };
  return settings;
}

let last: { readonly options: TranslatorOptions; readonly settings: Settings } | undefined;

function resolve(options: TranslatorOptions): Settings {
  const aliases = options.indexedAttributeAliases ?? {};
  const listed = options.indexedAttributes ?? [];
  const indexedKeys = new Map<string, string>();
  for (const key of [...listed, ...Object.keys(aliases)]) {
    if (!key.endsWith('*'))
      indexedKeys.set(key, Object.hasOwn(aliases, key) ? (aliases[key] ?? key) : key);
  }
  const indexedPrefixes = listed.filter((key) => key.endsWith('*')).map((key) => key.slice(0, -1));
  const indexAllAttributes = options.indexAllAttributes ?? false;
  const onWarning = options.onWarning ?? ((message) => warnOnce(message));
  return {
    indexedKeys,
    indexedPrefixes,
    indexesNothing: indexedKeys.size === 0 && indexedPrefixes.length === 0 && !indexAllAttributes,
    resources: new WeakMap(),
    indexAllAttributes,
    annotationDots: options.annotationDots ?? true,
    resourceMetadata: options.resourceMetadata ?? 'all',
    recordEvents: options.recordEvents ?? true,
    recordSqlQuery: options.recordSqlQuery ?? true,
    recordSqlLiterals: options.recordSqlLiterals ?? false,
    recordWorkingDirectory: options.recordWorkingDirectory ?? true,
    workingDirectory: options.workingDirectory,
    splitLocalRootClients: options.splitLocalRootClients ?? true,
    downstreamTraced: options.downstreamTraced ?? false,
    stripUrlQuery: options.stripUrlQuery ?? false,
    logGroupNames: options.logGroupNames ?? [],
    tracingName: options.tracingName,
    lambda: options.lambda,
    isRootOnly: options.isRootOnly,
    validateTraceIdTime: options.validateTraceIdTime ?? false,
    nowSeconds: options.nowSeconds ?? (() => Date.now() / 1_000),
    randomId: options.randomId ?? randomSegmentId,
    onDrop: options.onDrop ?? ((reason) => warnOnce(`a span was dropped: ${reason}`)),
    onWarning,
  };
}

/**
 * Reads the one-line form of the annotation list, e.g. `order.id,http.route=route,app.*`.
 *
 * @returns the two options that it stands for; empty parts are skipped
 */
export function parseIndexedAttributes(
  text: string,
): Required<Pick<TranslatorOptions, 'indexedAttributes' | 'indexedAttributeAliases'>> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const pairs = parts.map((part) => {
    const at = part.indexOf('=');
    return at === -1
      ? { key: part }
      : { key: part.slice(0, at).trim(), alias: part.slice(at + 1).trim() };
  });
  return {
    indexedAttributes: pairs.map((pair) => pair.key).filter((key) => key !== ''),
    indexedAttributeAliases: Object.fromEntries(
      pairs
        .filter((pair) => pair.key !== '' && pair.alias)
        .map((pair) => [pair.key, pair.alias ?? '']),
    ),
  };
}
