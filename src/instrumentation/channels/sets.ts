import { compareVersions, versionIn } from '../loading/versions.ts';

/** Tracing channels of one library. */
export interface ChannelSet {
  /** Name in `OTEL_NODE_DISABLED_INSTRUMENTATIONS`, shared with the instrumentation for older versions. */
  readonly name: string;
  /** Names of the `TracingChannel`s. */
  readonly channels: readonly string[];
  /**
   * Those inside whose operations nothing has a span. An operation then runs in the context of its caller:
   * to set another one takes longer than to make the span.
   */
  readonly leaves?: readonly string[];
  /** Those that are watched only when the module of the set asks for them. */
  readonly onDemand?: readonly string[];
  readonly packageName: string;
  /** The first version that publishes on them. */
  readonly since: string;
  /** Whether the instrumentation patches what the library does not publish. */
  readonly isPatchedToo?: boolean;
  /**
   * Whether the channels are used only for a copy inside a bundle, because the instrumentation records
   * more where it can patch the library.
   */
  readonly onlyBundled?: boolean;
}

/** @see docs/rationale.md, section "Channels" */
export const CHANNEL_SETS: readonly ChannelSet[] = [
  {
    name: 'adonisjs',
    channels: ['adonisjs.http.request', 'adonisjs.http.route.handler', 'adonisjs.http.middleware'],
    packageName: '@adonisjs/http-server',
    since: '8.0.0',
  },
  {
    name: 'graphql',
    channels: ['graphql:parse', 'graphql:validate', 'graphql:execute', 'graphql:resolve'],
    leaves: ['graphql:parse', 'graphql:validate'],
    onDemand: ['graphql:resolve'],
    packageName: 'graphql',
    since: '17.0.0',
  },
  {
    name: 'h3',
    channels: ['h3.request'],
    packageName: 'h3',
    since: '2.0.0',
  },
  {
    name: 'ioredis',
    channels: ['ioredis:command', 'ioredis:connect'],
    leaves: ['ioredis:command'],
    packageName: 'ioredis',
    since: '5.11.0',
    onlyBundled: true,
  },
  {
    name: 'mongoose',
    channels: [
      'mongoose:query',
      'mongoose:aggregate',
      'mongoose:model:save',
      'mongoose:model:insertMany',
      'mongoose:model:bulkWrite',
    ],
    packageName: 'mongoose',
    since: '9.7.0',
  },
  {
    name: 'mysql2',
    channels: ['mysql2:query', 'mysql2:execute'],
    leaves: ['mysql2:query', 'mysql2:execute'],
    packageName: 'mysql2',
    since: '3.20.0',
    isPatchedToo: true,
  },
  {
    name: 'redis',
    channels: ['node-redis:command', 'node-redis:batch', 'node-redis:connect'],
    leaves: ['node-redis:command', 'node-redis:batch'],
    packageName: '@redis/client',
    since: '5.12.0',
    isPatchedToo: true,
  },
  {
    name: 'srvx',
    channels: ['srvx.middleware'],
    packageName: 'srvx',
    since: '1.0.0',
  },
];

/**
 * Returns how a loaded package is traced: by its channels `instead` of its instrumentation, by both, each
 * with its own spans, or `never` by channels. `undefined`: it has none in this version.
 */
export function channelUse({
  packageName,
  baseDir,
}: {
  readonly packageName: string;
  readonly baseDir: string;
}): 'instead' | 'both' | 'never' | undefined {
  const set = CHANNEL_SETS.find((other) => other.packageName === packageName);
  if (set === undefined) return undefined;
  if (set.onlyBundled) return 'never';
  const version = versionIn(baseDir);
  if (version === undefined || compareVersions(version, set.since) < 0) return undefined;
  return set.isPatchedToo ? 'both' : 'instead';
}
