import { join } from 'node:path';

/** Programs of `programs`, and what surrounds them. */
export interface Program {
  readonly what: string;
  /** Name of the program and its arguments. */
  readonly args: readonly string[];
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command that is run before the program, in the same shell. */
  readonly before?: string;
  /** The lowest major version of Node that can run it. */
  readonly from?: number;
  /** Runs in the matrix of Node versions only, to keep `npm test` short. */
  readonly isForMatrix?: boolean;
  /** The most lines that otel-xray may write; 6 by default. */
  readonly maxMessages?: number;
}

/** Settings under which every program runs. */
export const SETTINGS: Readonly<Record<string, string>> = {
  OTEL_SERVICE_NAME: 'shop',
  OTEL_TRACES_SAMPLER: 'always_on',
};

const ENDINGS = [
  'natural end',
  'process.exit(7)',
  'process.exit() at once',
  'process.exit() at the end of a response',
  'process.exitCode',
  'exit listeners',
  'work in beforeExit',
  'an await that never settles',
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGTERM, sent again after a listener for one',
  'signals that the app emits itself',
  'ten listeners of its own',
  'SIGUSR2',
  'SIGTERM with a listener',
  'SIGHUP with a listener that goes on',
  'a caught exception',
  'a caught rejection',
  'warnings',
  'a worker',
  'a worker that exits',
  'a worker that throws',
  'a worker that is terminated',
  'a worker whose output is captured',
  'a forked child',
  'a spawned child without the flag',
  'a cluster',
  'a cluster that disconnects',
  'a child that says that it is ready',
  'a child whose parent disconnects',
];

/** What an app may be run in; each runs `app.mjs`. */
const SURROUNDINGS: readonly Omit<Program, 'args'>[] = [
  { what: 'nothing special' },
  { what: 'a deleted working directory', before: 'd=$(mktemp -d); cd "$d"; rmdir "$d"' },
  { isForMatrix: true, what: 'the root as working directory', before: 'cd /' },
  { what: 'no /proc', node: ['--require', join(import.meta.dirname, 'programs/no-proc.cjs')] },
  { what: 'few files', before: 'ulimit -n 40' },
  { what: 'little address space', before: 'ulimit -v 16000000' },
  {
    what: 'another user, to whom every folder is read-only',
    before: `cd /; [ "$(id -u)" = 0 ] && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" "$@"`,
    env: { HOME: '/', TMPDIR: '/' },
  },
  {
    what: 'a compile cache that cannot be written',
    env: { NODE_COMPILE_CACHE: '/dev/null/cache' },
  },
  { isForMatrix: true, what: 'no core files, little stack', before: 'ulimit -s 1024' },
  { what: 'a small heap', node: ['--max-old-space-size=40'] },
  { isForMatrix: true, what: 'a small stack', node: ['--stack-size=400'] },
  { what: 'no code from strings', node: ['--disallow-code-generation-from-strings'] },
  { what: 'frozen intrinsics', node: ['--frozen-intrinsics'] },
  // The signal SIGXFSZ ends a process that writes to a file.
  { isForMatrix: true, what: 'no files can be written', before: 'ulimit -f 0' },
  { isForMatrix: true, what: 'no __proto__', node: ['--disable-proto=throw', '--no-addons'] },
  { isForMatrix: true, what: 'strict rejections', node: ['--unhandled-rejections=strict'] },
  { isForMatrix: true, what: 'short stacks', node: ['--stack-trace-limit=1'] },
  { what: 'no home and no temporary folder', env: { HOME: '/missing', TMPDIR: '/missing' } },
  {
    isForMatrix: true,
    what: 'no address of a daemon',
    env: { AWS_XRAY_DAEMON_ADDRESS: 'no such:address:at all' },
  },
  {
    what: 'nonsense in every setting',
    // One for each setting, no rules, no daemon, spans lost at the end.
    maxMessages: 7,
    env: {
      OTEL_TRACES_SAMPLER: 'x',
      OTEL_PROPAGATORS: 'y',
      OTEL_XRAY_NESTING: 'z',
      OTEL_BSP_SCHEDULE_DELAY: '-1',
    },
  },
  { isForMatrix: true, what: 'nothing sampled', env: { OTEL_TRACES_SAMPLER: 'always_off' } },
  {
    isForMatrix: true,
    what: 'no messages',
    env: { OTEL_LOG_LEVEL: 'none', OTEL_XRAY_MIDDLEWARE_SPANS: 'true' },
  },
  {
    what: 'all instrumentations',
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,undici,net,dns,fs,sqlite' },
  },
  {
    what: 'spans of files, sampled by rules that are loaded at the first span',
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,fs', OTEL_TRACES_SAMPLER: 'xray' },
  },
  { isForMatrix: true, what: 'source maps', node: ['--enable-source-maps'] },
  { what: 'errors for warnings', node: ['--throw-deprecation', '--trace-warnings'] },
  {
    isForMatrix: true,
    what: 'rejections that are warnings',
    node: ['--unhandled-rejections=warn'],
  },
];

/** What the tests of an app replace; the first argument of `fakes.mjs`. */
const FAKES = [
  'the timers of node:test',
  'timers and clocks that count',
  'files that are mocks',
  'globals that are missing',
];

export const PROGRAMS: readonly Program[] = [
  ...ENDINGS.map((way) => ({ what: `process.mjs: ${way}`, args: ['process.mjs', way] })),
  ...SURROUNDINGS.map((row) => ({ ...row, what: `app.mjs: ${row.what}`, args: ['app.mjs'] })),
  // Two messages: no daemon, spans lost at the end.
  ...FAKES.map((kind) => ({
    what: `fakes.mjs: ${kind}`,
    args: ['fakes.mjs', kind],
    maxMessages: 2,
  })),
  {
    what: 'process.mjs: the permission model without the peer dependency',
    args: ['process.mjs', 'natural end'],
    node: [
      '--permission',
      `--allow-fs-read=${import.meta.dirname}`,
      `--allow-fs-read=${join(import.meta.dirname, '../../dist')}`,
    ],
    from: 24,
    maxMessages: 1,
  },
  { what: 'http.mjs: requests in many forms', args: ['http.mjs'] },
  { what: 'emitters.mjs', args: ['emitters.mjs'] },
  { what: 'modules.cjs', args: ['modules.cjs'] },
  { what: 'mocks.mjs', args: ['mocks.mjs'] },
  { what: 'hapi-plugins.mjs', args: ['hapi-plugins.mjs'] },
  { what: 'frameworks.mjs', args: ['frameworks.mjs'] },
  { what: 'thrown.mjs', args: ['thrown.mjs'] },
  { what: 'logs.mjs', args: ['logs.mjs'] },
  { what: 'sqlite.mjs', args: ['sqlite.mjs'], from: 24 },
];
