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
   * Attributes that become annotations, which X-Ray can search: exact keys, or `prefix*`. Resource
   * attributes are named `otel.resource.<key>`. Default: none.
   */
  readonly indexedAttributes?: readonly string[] | undefined;
  /** Maps attribute keys to annotation names. These attributes become annotations. Default: none. */
  readonly indexedAttributeAliases?: Readonly<Record<string, string>> | undefined;
  /** Turn every attribute that no block uses into an annotation. Default: false. */
  readonly indexAllAttributes?: boolean | undefined;
  /** Keep dots in annotation keys. Filter expressions then use `annotation[a.b]`. Default: true. */
  readonly annotationDots?: boolean | undefined;
  /**
   * Resource attributes in the metadata of segments: all, none, or these keys. Default: `'all'`.
   */
  readonly resourceMetadata?: 'all' | 'none' | readonly string[] | undefined;
  /** Record span events other than exceptions in `metadata.events`. Default: true. */
  readonly recordEvents?: boolean | undefined;
  /**
   * Record the query text. Default: true. If false, neither the text (`db.query.text`,
   * `db.statement`) nor query parameters (`db.query.parameter.*`, `db.postgresql.values`, …) appear
   * in `sql`, metadata or annotations.
   */
  readonly recordSqlQuery?: boolean | undefined;
  /**
   * Keep literals in query texts. Default: false; strings and numbers are replaced by `?`, because
   * they may contain personal data or credentials.
   */
  readonly recordSqlLiterals?: boolean | undefined;
  /**
   * Record what users write to models and what models answer: `gen_ai.input.messages` and similar
   * attributes and events. Default: false, because they may contain personal data.
   */
  readonly recordMessageContent?: boolean | undefined;
  /** Record {@link workingDirectory} with exceptions. Default: true. */
  readonly recordWorkingDirectory?: boolean | undefined;
  /** `process.cwd()` of the app, which the translator does not read itself. Default: none. */
  readonly workingDirectory?: string | undefined;
  /**
   * Translate a local root span of kind CLIENT or PRODUCER into a service segment and a subsegment.
   * Default: true.
   */
  readonly splitLocalRootClients?: boolean | undefined;
  /**
   * Set `traced` on HTTP calls that received a response, so that X-Ray expects a segment of the
   * called service. Default: false.
   */
  readonly downstreamTraced?: boolean | undefined;
  /** Remove the query from every URL. Default: false. */
  readonly stripUrlQuery?: boolean | undefined;
  /** CloudWatch log groups of the app, used if the resource names none. */
  readonly logGroupNames?: readonly string[] | undefined;
  /**
   * Value of `AWS_XRAY_TRACING_NAME`: the segment name if the resource has no valid service name.
   */
  readonly tracingName?: string | undefined;
  /** Set only in Lambda. */
  readonly lambda?: LambdaOptions | undefined;
  /**
   * Returns whether the propagator generated this remote parent because the trace header had no
   * `Parent`. The document then has no `parent_id`.
   */
  readonly isRootOnly?: ((parent: SpanIdentity) => boolean) | undefined;
  /**
   * Drop spans and links whose trace id X-Ray would reject as too old or in the future. Default:
   * false.
   */
  readonly validateTraceIdTime?: boolean | undefined;
  /** Returns the current time in epoch seconds. Default: the system clock. */
  readonly nowSeconds?: (() => number) | undefined;
  /** Returns 16 random hexadecimal digits, not all zero. Default: a fast, insecure generator. */
  readonly randomId?: (() => string) | undefined;
  /** Called for every dropped span. Default: logs one warning per reason. */
  readonly onDrop?: ((reason: DropReason) => void) | undefined;
  /** Called with warnings for the user, once per process each. Default: logs them with `diag`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface LambdaOptions {
  /**
   * How the handler span is represented: a subsegment of the function segment that Lambda creates
   * (`'subsegment'`, the default), or a separate segment.
   */
  readonly root?: 'subsegment' | 'segment' | undefined;
  /**
   * `Parent` in the trace header of the invocation. Use a function if it changes between
   * invocations; it is called with the parent of the span.
   */
  readonly parentId?: string | ((parent: SpanIdentity) => string | undefined) | undefined;
}

/** The options with their defaults, and values computed from them. */
export interface Settings extends DefinedOptions {
  /** Map of indexed keys without wildcards to annotation names, in order of priority. */
  readonly indexedKeys: ReadonlyMap<string, string>;
  /** Prefixes of indexed keys. */
  readonly indexedPrefixes: readonly string[];
  /** Whether no option selects annotations. */
  readonly indexesNothing: boolean;
  /** Cache of the values computed from each resource. */
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
    recordMessageContent: options.recordMessageContent ?? false,
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
    onDrop: options.onDrop ?? ((reason) => warnOnce(`dropped a span: ${reason}`)),
    onWarning,
  };
}

/**
 * Parses the one-line form of the annotation list, e.g. `order.id,http.route=route,app.*`.
 *
 * @returns the equivalent options; empty parts are skipped
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
