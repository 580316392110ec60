/**
 * Writes `src/instrumentation/table.ts`, which maps packages to instrumentations, and the table with
 * supported versions in `docs/instrumentations.md`. Run `npm run instrumentation-table` after you
 * update an instrumentation.
 *
 * The script constructs each instrumentation in disabled state and reads its module definitions, so
 * that the table matches the installed versions.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHANNEL_SETS } from '../src/instrumentation/channels/sets.ts';
import { definitionsOf, widenRanges } from '../src/instrumentation/loading/ranges.ts';
import { OFF_BY_DEFAULT } from '../src/instrumentation/off-by-default.ts';
import { OUTSIDE_TABLE } from '../src/instrumentation/outside-table.ts';

const root = join(import.meta.dirname, '..');
const require = createRequire(join(root, 'package.json'));
export const TABLE_FILE: string = join(root, 'src/instrumentation/table.ts');
export const DOCS_FILE: string = join(root, 'docs/instrumentations.md');
const TABLE_START = '<!-- table: npm run instrumentation-table -->';
const TABLE_END = '<!-- end of table -->';

/** Not loaded with a package; see `builtins.ts`, `fetch.ts` and `src/lambda`. */
const NOT_BY_PACKAGE = new Set(['http', 'undici', 'aws-lambda']);
/** Produce metrics, not spans. */
const METRICS_ONLY = new Set(['host-metrics', 'runtime-node']);
/** Of which otel-xray has one of its own. */
const REPLACED = new Set(['openai']);
/** Builtin modules whose spans are noise in a trace and whose patches are expensive. */
const BUILTIN_NOISE = new Set(['dns', 'fs', 'net']);
/** Composite instrumentations whose own list of modules is empty. */
const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  fastify: ['fastify'],
  redis: ['redis', '@redis/client', '@node-redis/client'],
};

/** Instrumentations of otel-xray, for packages whose instrumentation needs code in the application. */
const OWN: readonly Row[] = [
  {
    name: 'adonisjs',
    from: './frameworks/adonisjs.ts',
    export: 'AdonisjsInstrumentation',
    modules: ['@adonisjs/http-server'],
    versions: ['>=7 <8'],
    below: {},
  },
  {
    name: 'foal',
    from: './frameworks/foal.ts',
    export: 'FoalInstrumentation',
    modules: ['@foal/core'],
    versions: ['>=2'],
    below: {},
  },
  {
    name: 'midway',
    from: './frameworks/midway.ts',
    export: 'MidwayInstrumentation',
    modules: ['@midwayjs/core'],
    versions: ['>=3'],
    below: {},
  },
  {
    name: 'polka',
    from: './frameworks/polka.ts',
    export: 'PolkaInstrumentation',
    modules: ['polka'],
    versions: ['>=0.5'],
    below: {},
  },
  {
    name: 'tinyhttp',
    from: './frameworks/tinyhttp.ts',
    export: 'TinyhttpInstrumentation',
    modules: ['@tinyhttp/app', '@tinyhttp/router'],
    versions: ['>=2'],
    below: {},
  },
  {
    name: 'feathers',
    from: './frameworks/feathers.ts',
    export: 'FeathersInstrumentation',
    modules: ['@feathersjs/transport-commons'],
    versions: ['>=5'],
    below: {},
  },
  {
    name: 'loopback',
    from: './frameworks/loopback.ts',
    export: 'LoopbackInstrumentation',
    modules: ['@loopback/rest'],
    versions: ['>=9'],
    below: {},
  },
  {
    name: 'moleculer-web',
    from: './frameworks/moleculer-web.ts',
    export: 'MoleculerWebInstrumentation',
    modules: ['moleculer-web'],
    versions: ['>=0.10'],
    below: {},
  },
  {
    name: 'sails',
    from: './frameworks/sails.ts',
    export: 'SailsInstrumentation',
    modules: ['sails'],
    versions: ['>=1'],
    below: {},
  },
  {
    name: 'trpc',
    from: './frameworks/trpc.ts',
    export: 'TrpcInstrumentation',
    modules: ['@trpc/server'],
    versions: ['>=10'],
    below: {},
  },
  {
    name: 'piscina',
    from: './jobs/piscina.ts',
    export: 'PiscinaInstrumentation',
    modules: ['piscina'],
    versions: ['>=4.7'],
    below: {},
  },
  {
    name: 'bree',
    from: './jobs/bree.ts',
    export: 'BreeInstrumentation',
    modules: ['bree'],
    versions: ['>=7'],
    below: {},
  },
  {
    name: 'ai',
    from: './models/ai-sdk.ts',
    export: 'AiSdkInstrumentation',
    modules: ['ai'],
    versions: ['>=7'],
    below: {},
  },
  {
    name: 'mcp',
    from: './models/mcp.ts',
    export: 'McpInstrumentation',
    modules: [
      '@modelcontextprotocol/sdk',
      '@modelcontextprotocol/client',
      '@modelcontextprotocol/server',
    ],
    versions: ['>=1.10'],
    below: {},
  },
  {
    name: 'anthropic',
    from: './models/anthropic.ts',
    export: 'AnthropicInstrumentation',
    modules: ['@anthropic-ai/sdk'],
    versions: ['>=0.30'],
    below: {},
  },
  {
    name: 'openai',
    from: './models/openai.ts',
    export: 'OpenAIInstrumentation',
    modules: ['openai', 'groq-sdk', 'together-ai'],
    versions: ['>=4.19'],
    below: {},
  },
  {
    name: 'chat-clients',
    from: './models/chat-clients.ts',
    export: 'ChatClientsInstrumentation',
    modules: ['@mistralai/mistralai', 'cohere-ai', 'ollama'],
    versions: ['>=0.5'],
    below: {},
  },
  {
    name: 'mqtt',
    from: './messaging/mqtt.ts',
    export: 'MqttInstrumentation',
    modules: ['mqtt'],
    versions: ['>=4'],
    below: {},
  },
  {
    name: 'nodemailer',
    from: './messaging/nodemailer.ts',
    export: 'NodemailerInstrumentation',
    modules: ['nodemailer'],
    versions: ['>=6'],
    below: {},
  },
  {
    name: 'google-genai',
    from: './models/google-genai.ts',
    export: 'GoogleGenAIInstrumentation',
    modules: ['@google/genai'],
    versions: ['>=1'],
    below: {},
  },
  {
    name: 'confluent-kafka',
    from: './messaging/confluent-kafka.ts',
    export: 'ConfluentKafkaInstrumentation',
    modules: ['@confluentinc/kafka-javascript'],
    versions: ['>=1'],
    below: {},
  },
  {
    name: 'nats',
    from: './messaging/nats.ts',
    export: 'NatsInstrumentation',
    modules: ['nats', '@nats-io/nats-core'],
    versions: ['>=2.7'],
    below: {},
  },
  {
    name: 'postgres',
    from: './databases/postgres.ts',
    export: 'PostgresInstrumentation',
    modules: ['postgres'],
    versions: ['>=3.3'],
    below: {},
  },
  {
    name: 'better-sqlite3',
    from: './databases/better-sqlite3.ts',
    export: 'BetterSqlite3Instrumentation',
    modules: ['better-sqlite3'],
    versions: ['>=7'],
    below: {},
  },
  {
    name: 'agenda',
    from: './jobs/agenda.ts',
    export: 'AgendaInstrumentation',
    modules: ['agenda'],
    versions: ['>=4'],
    below: {},
  },
  {
    name: 'pg-boss',
    from: './jobs/pg-boss.ts',
    export: 'PgBossInstrumentation',
    modules: ['pg-boss'],
    versions: ['>=10'],
    below: {},
  },
  {
    name: 'sqs-consumer',
    from: './aws/sqs-consumer.ts',
    export: 'SqsConsumerInstrumentation',
    modules: ['sqs-consumer'],
    versions: ['>=7'],
    below: {},
  },
  {
    name: 'bullmq',
    from: './jobs/bullmq.ts',
    export: 'BullMQInstrumentation',
    modules: ['bullmq'],
    versions: ['>=5.13'],
    below: {},
  },
  {
    name: 'node-cron',
    from: './jobs/node-cron.ts',
    export: 'NodeCronInstrumentation',
    modules: ['node-cron'],
    versions: ['>=3'],
    below: {},
  },
  {
    name: 'cron',
    from: './jobs/cron.ts',
    export: 'CronInstrumentation',
    modules: ['cron'],
    versions: ['>=1'],
    below: {},
  },
  {
    name: 'croner',
    from: './jobs/croner.ts',
    export: 'CronerInstrumentation',
    modules: ['croner'],
    versions: ['>=6'],
    below: {},
  },
  {
    name: 'graphile-worker',
    from: './jobs/graphile-worker.ts',
    export: 'GraphileWorkerInstrumentation',
    modules: ['graphile-worker', 'graphile-config'],
    versions: ['>=0.13'],
    below: {},
  },
  {
    name: 'node-schedule',
    from: './jobs/node-schedule.ts',
    export: 'NodeScheduleInstrumentation',
    modules: ['node-schedule'],
    versions: ['>=1'],
    below: {},
  },
  {
    name: 'toad-scheduler',
    from: './jobs/toad-scheduler.ts',
    export: 'ToadSchedulerInstrumentation',
    modules: ['toad-scheduler'],
    versions: ['>=1'],
    below: {},
  },
  {
    name: 'nest-microservices',
    from: './frameworks/nest/microservices.ts',
    export: 'NestMicroservicesInstrumentation',
    modules: ['@nestjs/microservices'],
    versions: ['>=8'],
    below: {},
  },
  {
    name: 'nest-schedule',
    from: './frameworks/nest/schedule.ts',
    export: 'NestScheduleInstrumentation',
    modules: ['@nestjs/schedule'],
    versions: ['>=2'],
    below: {},
  },
  {
    name: 'bull',
    from: './jobs/bull.ts',
    export: 'BullInstrumentation',
    modules: ['bull'],
    versions: ['>=3'],
    below: {},
  },
  {
    name: 'bee-queue',
    from: './jobs/bee-queue.ts',
    export: 'BeeQueueInstrumentation',
    modules: ['bee-queue'],
    versions: ['>=1'],
    below: {},
  },
  {
    name: 'graphql-executor',
    from: './graphql/graphql-executor.ts',
    export: 'GraphQLExecutorInstrumentation',
    modules: ['@graphql-tools/executor'],
    versions: ['>=1'],
    below: {},
  },
  {
    name: 'hono',
    from: './frameworks/hono.ts',
    export: 'HonoInstrumentation',
    modules: ['hono'],
    versions: ['>=4'],
    below: {},
  },
  {
    name: 'react-router',
    from: './frameworks/react-router.ts',
    export: 'ReactRouterInstrumentation',
    modules: [
      'react-router',
      '@react-router/express',
      '@react-router/node',
      '@react-router/architect',
    ],
    versions: ['>=7'],
    below: {},
  },
  {
    name: 'remix',
    from: './frameworks/remix.ts',
    export: 'RemixInstrumentation',
    modules: ['@remix-run/server-runtime', '@remix-run/router'],
    versions: ['>=2 <3'],
    below: {},
  },
  {
    name: 'sveltekit',
    from: './frameworks/sveltekit.ts',
    export: 'SvelteKitInstrumentation',
    modules: [],
    versions: [],
    below: {},
  },
  {
    name: 'apollo-gateway',
    from: './graphql/apollo-gateway.ts',
    export: 'ApolloGatewayInstrumentation',
    modules: [],
    versions: ['>=2'],
    below: {},
  },
  {
    name: 'vue-router',
    from: './frameworks/vue-router.ts',
    export: 'VueRouterInstrumentation',
    modules: ['vue-router'],
    versions: ['>=4'],
    below: {},
  },
  {
    name: 'next',
    from: './frameworks/next/next.ts',
    export: 'NextInstrumentation',
    modules: [],
    versions: ['>=15'],
    below: {},
  },
];

/** Text of the package column for instrumentations without a package. */
const WITHOUT_PACKAGE: Readonly<Record<string, string>> = {
  'apollo-gateway': '`@apollo/gateway`, which creates its own spans',
  'aws-lambda': 'the handler of a Lambda function',
  dns: 'Node’s `dns`',
  fs: 'Node’s `fs`',
  h3: '`h3`, with `tracingPlugin` of `h3/tracing`',
  http: 'Node’s `http` and `https`, both sides',
  net: 'Node’s `net`',
  next: '`next`, which creates its own spans',
  nitro: 'servers built by Nitro 2 and 3, which Nuxt 4 uses',
  sqlite: 'Node’s `node:sqlite` (Node ≥ 22.15)',
  srvx: '`srvx`, with `tracingPlugin` of `srvx/tracing`',
  sveltekit: 'servers built by SvelteKit 2 and 3',
  astro: 'servers built by Astro',
  'qwik-city': 'servers built by Qwik City',
  'solid-start': 'servers built by SolidStart',
  'tanstack-start': 'servers built by TanStack Start',
  undici: '`fetch` and `undici`',
  vike: '`vike`',
  waku: 'servers built by Waku',
};
const BUILT_IN: readonly Row[] = [
  ...OUTSIDE_TABLE.map((name) => ({
    ...{ name, from: '', export: '', modules: [], versions: [], below: {} },
  })),
];

/** From version 4 on, `redis` is a wrapper; its `@redis/client` is traced. */
const MADE_OF_OTHERS = new Set(['redis']);

/** Supported versions of instrumentations whose definitions do not state them. */
const VERSIONS_BY_HAND: Readonly<Record<string, readonly string[]>> = {
  fastify: ['>=4 <6'],
  'aws-sdk': ['^3.1.0'],
  // See `src/instrumentation/frameworks/nest/nest.ts`.
  'nestjs-core': ['>=4 <13'],
  redis: ['>=2.6.0 <7'],
};

interface Definition {
  readonly name: string;
  readonly supportedVersions: readonly string[];
  readonly files: readonly { readonly supportedVersions: readonly string[] }[];
}

interface Constructed {
  readonly _modules?: readonly Definition[];
}

interface Row {
  readonly name: string;
  readonly from: string;
  readonly export: string;
  readonly modules: readonly string[];
  /** Supported versions of its packages as semver ranges; only for the documentation. */
  readonly versions: readonly string[];
  /** For each package, the first version that is no longer supported, if there is one. */
  readonly below: Readonly<Record<string, string>>;
}

function tableRows(): readonly Row[] {
  const scope = join(root, 'node_modules/@opentelemetry');
  const packages = readdirSync(scope)
    .filter((folder) => folder.startsWith('instrumentation-'))
    .map((folder) => ({
      name: folder.slice('instrumentation-'.length),
      from: `@opentelemetry/${folder}`,
    }))
    .filter(({ name }) => !METRICS_ONLY.has(name) && !REPLACED.has(name));
  const rows = [...packages, { name: 'fastify', from: '@fastify/otel' }].map(row);
  return [...rows, ...OWN].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

function row({ name, from }: { readonly name: string; readonly from: string }): Row {
  const exported = Object.entries(require(from) as Record<string, unknown>);
  const found = exported.find(([key, value]) => isInstrumentation(key, value));
  if (found === undefined) throw new Error(`${from} exports no instrumentation`);
  const Class = found[1] as new (config: { enabled: boolean }) => Constructed;
  const made = new Class({ enabled: false });
  widenRanges(name, made);
  const definitions = made._modules ?? [];
  const modules = BY_HAND[name] ?? [...new Set(definitions.map((definition) => definition.name))];
  const byPackage = !NOT_BY_PACKAGE.has(name) && !BUILTIN_NOISE.has(name);
  if (byPackage && modules.length === 0) throw new Error(`${from} names no package`);
  return {
    name,
    from,
    export: found[0],
    modules: byPackage ? modules : [],
    versions: VERSIONS_BY_HAND[name] ?? supportedVersions(definitions),
    below: byPackage ? firstUnknown(name, definitionsOf(made)) : {},
  };
}

function firstUnknown(
  name: string,
  definitions: readonly Definition[],
): Readonly<Record<string, string>> {
  const packages = [...new Set(definitions.map((definition) => definition.name))];
  const [first, ...others] = BY_HAND[name] ?? [];
  const [only = first] = packages;
  const isOne = packages.length <= 1 && others.length === 0;
  if (isOne && only !== undefined && (packages.length === 0 || VERSIONS_BY_HAND[name])) {
    return endOf({ [only]: VERSIONS_BY_HAND[name] ?? [] });
  }
  const ranges = packages
    .filter((packageName) => !MADE_OF_OTHERS.has(packageName) && !hasChannels(packageName))
    .map((packageName) => [
      packageName,
      supportedVersions(definitions.filter((definition) => definition.name === packageName)),
    ]);
  return endOf(Object.fromEntries(ranges));
}

/** Returns whether all later versions of a package are traced by what they publish. */
function hasChannels(packageName: string): boolean {
  return CHANNEL_SETS.some((set) => set.packageName === packageName && !set.onlyBundled);
}

function endOf(
  ranges: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>> {
  const ends = Object.entries(ranges).map(([name, all]) => [name, all.map(endOfRange)] as const);
  return Object.fromEntries(
    ends
      .filter(([, all]) => all.length > 0 && !all.includes(undefined))
      .map(([name, all]) => [name, (all as string[]).sort(byNumber).at(-1) as string]),
  );
}

/** Returns the upper end of a range: `8` for `>=4 <8`, `^7.1.0` and `7`; `undefined` if it is open. */
function endOfRange(range: string): string | undefined {
  const end = /<\s*(\d[\d.]*)/.exec(range)?.[1];
  const major = /^\^?(\d+)(?:\.\d+)*$/.exec(range)?.[1];
  return end ?? (major === undefined ? undefined : String(Number(major) + 1));
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function supportedVersions(definitions: readonly Definition[]): readonly string[] {
  const ranges = definitions.flatMap(({ supportedVersions: own, files }) => [
    ...own,
    ...files.flatMap((file) => file.supportedVersions),
  ]);
  return [...new Set(ranges)].filter((range) => range !== '*').sort();
}

function isInstrumentation(key: string, value: unknown): boolean {
  return /Instrumentation$/.test(key) && typeof value === 'function';
}

export function tableSource(rows: readonly Row[] = tableRows()): string {
  const lines = rows.map(
    ({ name, from, export: exported, modules, below }) =>
      `  { name: '${name}', from: '${from}', export: '${exported}', modules: [${modules.map((module) => `'${module}'`).join(', ')}], below: ${recordSource(below)} },`,
  );
  return `// Generated by scripts/instrumentation-table.ts from the installed versions. Do not edit.

export interface InstrumentationRow {
  /** Name in \`OTEL_NODE_ENABLED_INSTRUMENTATIONS\`, and of the chunk in \`dist\`. */
  readonly name: string;
  /** npm package or file that contains it, and the name of its class there. */
  readonly from: string;
  readonly export: string;
  /** Packages that trigger its load; empty for instrumentations that are started another way. */
  readonly modules: readonly string[];
  /** For each package, the first version that is no longer supported, if there is one. */
  readonly below: Readonly<Record<string, string>>;
}

// biome-ignore format: one row a line
export const INSTRUMENTATIONS: readonly InstrumentationRow[] = [
${lines.join('\n')}
];
`;
}

function recordSource(record: Readonly<Record<string, string>>): string {
  const entries = Object.entries(record).map(([key, value]) => {
    return `${/^[a-z]\w*$/i.test(key) ? key : `'${key}'`}: '${value}'`;
  });
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

export function docsSource(rows: readonly Row[] = tableRows()): string {
  const all = [...rows, ...BUILT_IN].sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const lines = all.map(({ name, modules, versions }) => {
    const served =
      modules.length === 0 ? (WITHOUT_PACKAGE[name] ?? '') : modules.map(code).join(', ');
    const off = OFF_BY_DEFAULT.includes(name) ? 'off' : 'on';
    return `| ${code(name)} | ${served} | ${versionsText(name, versions)} | ${off} |`;
  });
  const text = readFileSync(DOCS_FILE, 'utf8');
  const [before] = text.split(TABLE_START) as [string];
  const after = text.slice(text.indexOf(TABLE_END));
  return `${before}${TABLE_START}\n\n| name | packages | versions | default |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n\n${after}`;
}

/**
 * Returns the supported ranges, and from which version on a library is traced by its tracing
 * channels.
 */
function versionsText(name: string, versions: readonly string[]): string {
  const ranges = versions.map(code);
  const set = CHANNEL_SETS.find((other) => other.name === name);
  if (set !== undefined) {
    const since = code(`>=${set.since.replace(/(?:\.0)+$/, '')}`);
    ranges.push(`${since} by channels${set.onlyBundled ? ' if bundled' : ''}`);
  }
  return ranges.join(', ');
}

const code = (text: string): string => `\`${text}\``;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [file, source] of [
    [TABLE_FILE, tableSource()],
    [DOCS_FILE, docsSource()],
  ] as const) {
    if (source !== readFileSync(file, { encoding: 'utf8', flag: 'a+' }))
      writeFileSync(file, source);
  }
}
