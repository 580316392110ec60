import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledPackages } from '../scripts/build/licences.ts';
import { root } from '../scripts/staleness.mjs';
import { CHANNEL_SETS } from '../src/instrumentation/channels/sets.ts';
import { INSTRUMENTATIONS } from '../src/instrumentation/table.ts';
import { type FakeDaemon, startFakeDaemon } from './support/fake-daemon.ts';
import { type App, installApp } from './support/packed.ts';
import { type Finished, run } from './support/run.ts';

const MEGABYTE = 1024 * 1024;
const REGISTER = ['--import', 'otel-xray/register'];

let app: App;
let daemon: FakeDaemon;

beforeAll(async () => {
  daemon = await startFakeDaemon();
  app = await installApp();
});
afterAll(async () => {
  app.remove();
  await daemon.close();
});

function runApp(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return run(args, {
    cwd: app.folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'packed',
      OTEL_TRACES_SAMPLER: 'always_on',
      ...env,
    },
  });
}

test('an installation has two packages and at most 6 MB', () => {
  const modules = join(app.folder, 'node_modules');
  const files = readdirSync(modules, { recursive: true, encoding: 'utf8' });
  const packages = files.filter((file) => /^(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(file));
  expect(packages.sort()).toEqual(['@opentelemetry/api/package.json', 'otel-xray/package.json']);
  const bytes = files.reduce((sum, file) => sum + statSync(join(modules, file)).size, 0);
  expect(bytes).toBeLessThan(6 * MEGABYTE);
});

const dist = (): string => join(app.folder, 'node_modules/otel-xray/dist');
const chunks = (): readonly string[] =>
  readdirSync(dist(), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.cjs'),
  );

test('the code is readable: no long lines, at most 4 MB', () => {
  const files = chunks().map((name) => ({ name, text: readFileSync(join(dist(), name), 'utf8') }));
  // Export lists and embedded WebAssembly never appear in a stack trace.
  const code = (text: string): string =>
    text.replaceAll(/^\s*(?:exports\.\w+ = )+void 0;$|"[^"\n]*"/gm, '""');
  const isLong = (text: string): boolean =>
    code(text)
      .split('\n')
      .some((line) => line.length > 600);
  const long = files.filter(({ text }) => isLong(text));
  expect(long.map(({ name }) => name)).toEqual([]);
  expect(files.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(4 * MEGABYTE);
});

test('there is exactly one chunk per instrumentation and set of channels', () => {
  const names = readdirSync(join(dist(), 'i'));
  const channels = CHANNEL_SETS.map(({ name }) => `channels-${name}`);
  const own = ['sqlite', 'server-builds'];
  const rows = [...INSTRUMENTATIONS.map(({ name }) => name), ...channels, ...own];
  expect(names.sort()).toEqual(rows.map((name) => `${name}.cjs`).sort());
});

test('unreferenced contexts are not promoted to the old generation', async () => {
  app.file(
    'contexts.cjs',
    `const { context, createContextKey } = require('@opentelemetry/api');
    const { getHeapSpaceStatistics } = require('node:v8');
    const key = createContextKey('key');
    const make = (count) => {
      for (let made = 0; made < count; made += 1) context.active().setValue(key, { made });
    };
    const oldBytes = () => {
      const spaces = getHeapSpaceStatistics();
      return spaces.find(({ space_name: name }) => name === 'old_space').space_used_size;
    };
    make(1_000);
    gc();
    const before = oldBytes();
    make(10_000);
    console.log((oldBytes() - before) / 10_000);`,
  );
  const { stdout } = await runApp(['--expose-gc', ...REGISTER, 'contexts.cjs']);
  // Each context used to keep three closures of 64 bytes and everything they refer to.
  expect(Number(stdout)).toBeLessThan(20);
});

test('chunks require only the API and optional packages of the app', () => {
  const known = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
  const required = chunks().flatMap((chunk) =>
    [
      ...readFileSync(join(dist(), chunk), 'utf8').matchAll(/\brequire\(["'`]([^"'`]+)["'`]\)/g),
    ].map(([, name]) => name as string),
  );
  const packages = required.filter((name) => !name.startsWith('.') && !known.has(name));
  expect([...new Set(packages)].sort()).toEqual(
    ['@opentelemetry/api', '@opentelemetry/winston-transport', 'node:sqlite'].filter(
      (name) => !known.has(name),
    ),
  );
});

interface Component {
  readonly name: string;
  readonly version: string;
}

test('the licences and the SBOM name every package that is compiled in', () => {
  const { components } = JSON.parse(readFileSync(join(dist(), 'sbom.cdx.json'), 'utf8')) as {
    readonly components: readonly Component[];
  };
  const licences = readFileSync(join(dist(), 'THIRD_PARTY_LICENSES'), 'utf8');
  const unnamed = components.filter(
    ({ name, version }) => !licences.includes(`${name} ${version} (`),
  );
  expect(unnamed).toEqual([]);

  const installed = (name: string): Component => {
    const file = join(root, 'node_modules', name, 'package.json');
    return { name, version: JSON.parse(readFileSync(file, 'utf8')).version };
  };
  const compiledIn = [
    '@opentelemetry/api',
    '@opentelemetry/sdk-trace',
    '@opentelemetry/core',
    '@opentelemetry/instrumentation',
    'import-in-the-middle',
    'yaml',
    ...INSTRUMENTATIONS.map(({ from }) => from).filter((from) => !from.startsWith('./')),
  ].map(installed);
  expect(components.map(({ name, version }) => ({ name, version }))).toEqual(
    expect.arrayContaining(compiledIn),
  );
  // A package must not be compiled in twice, in two versions.
  expect(new Set(components.map(({ name }) => name)).size).toBe(components.length);
});

test('the build rejects a package without a licence file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-licence-'));
  cpSync(join(root, 'node_modules/forwarded-parse'), join(folder, 'node_modules/forwarded-parse'), {
    recursive: true,
    filter: (file) => !/licen[cs]e/i.test(file),
  });
  const id = join(folder, 'node_modules/forwarded-parse/index.js');
  expect(() => bundledPackages([id])).toThrow('forwarded-parse ships no licence file');
  rmSync(folder, { recursive: true });
});

/** Returns the modules that are loaded when the first line of the app runs. */
const LOADED = `
const files = Object.keys(require.cache).filter((file) => file !== __filename);
const own = files.filter((file) => file.includes('/otel-xray/'));
const builtins = process.moduleLoadList.filter((name) => name.startsWith('NativeModule '));
process.stdout.write(JSON.stringify({
  own: own.map((file) => file.replace(/^.*dist./, '').replace(/-.{8}[.]cjs/, '.cjs')).sort(),
  api: files.filter((file) => file.includes('/@opentelemetry/api/')).length,
  others: files.length - own.length,
  builtins: builtins.map((name) => name.slice('NativeModule '.length)),
}));
require('http');
`;

interface Loaded {
  readonly own: readonly string[];
  readonly api: number;
  readonly others: number;
  readonly builtins: readonly string[];
}

test('only a few modules load before the first line of the app', async () => {
  app.file('loaded.cjs', LOADED);
  const bare = JSON.parse((await runApp(['loaded.cjs'])).stdout) as Loaded;
  const end = await runApp([...REGISTER, 'loaded.cjs']);
  const { own, api, others, builtins } = JSON.parse(end.stdout) as Loaded;
  expect(own).toEqual(['core.cjs', 'register.cjs', 'rolldown-runtime.cjs', 'sdk.cjs']);
  expect({ api, others }).toEqual({ api: 0, others: 0 });
  // A UDP socket loads `cluster` and `child_process`; it is created with the first span.
  const costly = [
    'https',
    'tls',
    'http2',
    'zlib',
    'worker_threads',
    'inspector',
    'dgram',
    'cluster',
  ];
  const added = builtins.filter((name) => !bare.builtins.includes(name));
  expect(added.filter((name) => costly.includes(name))).toEqual([]);
  expect(added.length).toBeLessThanOrEqual(40);
});

/** An app that uses its own copy of the API and prints what works. */
const OTHER_COPY = `
const { createNoopMeter, metrics, trace } = require('@opentelemetry/api');
const tracer = globalThis.early ?? trace.getTracer('app');
const span = tracer.startSpan('by the app');
process.stdout.write(JSON.stringify({
  traced: span.isRecording(),
  metrics: metrics.setGlobalMeterProvider({ getMeter: createNoopMeter }),
  lent: Object.getOwnPropertySymbols(globalThis).some((key) => key.description.startsWith('otel-xray.api.')),
}));
span.end();
`;

test.for([
  { rule: 'loaded after us: two copies that see each other', before: [], lent: true },
  {
    rule: 'loaded before us: the one copy, early tracers live',
    before: ['early.cjs'],
    lent: false,
  },
])('the copy of the API in the app: $rule', async ({ before, lent }) => {
  app.file(
    'early.cjs',
    "globalThis.early = require('@opentelemetry/api').trace.getTracer('early');",
  );
  app.file('other-copy.cjs', OTHER_COPY);
  const first = before.flatMap((file) => ['--require', `./${file}`]);
  const end = await runApp([...first, ...REGISTER, 'other-copy.cjs']);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(end.stdout)).toEqual({ traced: true, metrics: true, lent });
});

/** Prints everything that a tracer could install. */
const LEFT = `
const http = require('node:http');
const Module = require('node:module');
const source = (value) => String(value);
setImmediate(() => process.stdout.write(JSON.stringify({
  load: source(Module.prototype.load),
  internalLoad: source(Module._load),
  getBuiltinModule: source(process.getBuiltinModule),
  emit: source(http.Server.prototype.emit),
  request: source(http.request),
  fetchSubscribed: require('node:diagnostics_channel').hasSubscribers('undici:request:create'),
  workersSubscribed: require('node:diagnostics_channel').hasSubscribers('worker_threads'),
  importSubscribed: require('node:diagnostics_channel').hasSubscribers('tracing:module.import:start'),
  resources: process.getActiveResourcesInfo(),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  api: Symbol.for('opentelemetry.js.api.1') in globalThis,
})));
`;

test.for([
  { OTEL_SDK_DISABLED: 'true' },
  { OTEL_SDK_DISABLED: 'TRUE' },
  { AWS_XRAY_SDK_ENABLED: 'false' },
  { AWS_XRAY_SDK_ENABLED: 'off' },
])(
  'with %o, the process has the same globals, listeners and handles as without register',
  async (env) => {
    app.file('left.cjs', LEFT);
    const bare = await runApp(['left.cjs']);
    const end = await runApp([...REGISTER, 'left.cjs'], env as Record<string, string>);
    expect(JSON.parse(end.stdout)).toEqual(JSON.parse(bare.stdout));
    expect(end.stderr).toBe('');
  },
);

test('one warning names libraries that loaded before otel-xray, with the fix', async () => {
  for (const name of ['express', 'pg', 'unknown']) {
    app.file(`node_modules/${name}/index.js`, '');
  }
  app.file('early.cjs', "for (const name of ['express', 'pg', 'unknown']) require(name);");
  app.file('empty.cjs', '');
  const end = await runApp(['--require', './early.cjs', ...REGISTER, 'empty.cjs']);
  expect(end).toMatchObject({
    code: 0,
    stderr:
      'warn otel-xray: express, pg: loaded before otel-xray, so not traced. Load otel-xray/register ' +
      'first: node --import otel-xray/register, before any other --import or --require.\n',
  });
});

test('one warning names a newer copy of the API below a library, with the fix', async () => {
  app.file('node_modules/library/package.json', '{"name":"library"}');
  app.file('node_modules/library/index.js', "require('@opentelemetry/api')");
  const copy = 'node_modules/library/node_modules/@opentelemetry/api';
  app.file(`${copy}/package.json`, '{"name":"@opentelemetry/api","version":"1.99.0"}');
  app.file(`${copy}/index.js`, '');
  app.file('library.cjs', "require('library')");
  const end = await runApp([...REGISTER, 'library.cjs']);
  expect(end.stderr).toMatch(
    /^warn otel-xray: \S+\/library\/node_modules\/@opentelemetry\/api is version 1\.99\.0, newer than the 1\.\d+\.\d+ that traces this app: spans made with it are lost\. Install one copy only: npm install @opentelemetry\/api@1\.99\.0, then npm dedupe\.\n$/,
  );
});

const SERVER = `
import http from 'node:http';
const server = http.createServer((request, response) => response.end()).listen(0, '127.0.0.1', () => {
  http.get('http://127.0.0.1:' + server.address().port, (answer) => answer.resume().on('end', () => server.close()));
});
`;

/** Bundles an app into one CommonJS file. */
async function bundleApp(name: string, text: string, external: readonly string[]): Promise<void> {
  const build = await rolldown({
    input: app.file(`${name}.mjs`, text),
    cwd: app.folder,
    platform: 'node',
    external: [...external],
    onLog() {},
  });
  await build.write({ file: join(app.folder, `${name}.bundled.cjs`), format: 'cjs' });
  await build.close();
}

test('the flag traces a bundled app', async () => {
  await bundleApp('plain', SERVER, []);
  await using ownDaemon = await startFakeDaemon();
  const env = { AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${ownDaemon.endpoint.port}` };
  const end = await runApp([...REGISTER, 'plain.bundled.cjs'], env);
  await ownDaemon.received(2);
  expect(end).toMatchObject({ code: 0, stderr: '' });
});

test('an app with otel-xray in its bundle runs untraced and logs the fix', async () => {
  await bundleApp('inside', `import 'otel-xray/register';\n${SERVER}`, []);
  const end = await runApp(['inside.bundled.cjs']);
  expect(end).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^warn otel-xray: .* node --import otel-xray\/register\n$/),
  });
});

test('without the peer dependency, one line is logged and the app runs', async () => {
  rmSync(join(app.folder, 'node_modules/@opentelemetry'), { recursive: true, force: true });
  app.file('alive.cjs', "console.log('alive')");
  expect(await runApp([...REGISTER, 'alive.cjs'])).toMatchObject({
    code: 0,
    stdout: 'alive\n',
    stderr:
      'warn otel-xray: the app runs untraced: @opentelemetry/api is not installed; ' +
      'run: npm install @opentelemetry/api\n',
  });
});

test.for(
  ['otel-xray', 'otel-xray/lambda', 'otel-xray/testing'].flatMap((entry) => [
    { file: 'ask.cjs', text: `require('${entry}');` },
    { file: 'ask.mjs', text: `import '${entry}';` },
  ]),
)(
  'without the peer dependency, an import in the code throws an error with the fix: $text',
  async ({ file, text }) => {
    rmSync(join(app.folder, 'node_modules/@opentelemetry'), { recursive: true, force: true });
    app.file(file, text);
    const { code, stderr } = await runApp([file]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Error: otel-xray needs @opentelemetry/api, which is not installed; run: npm install @opentelemetry/api\n',
    );
    // Without the source line of the stack trace.
    expect(Math.max(...stderr.split('\n').map(({ length }) => length))).toBeLessThan(250);
  },
);

test('without the peer dependency, a command prints one line, and --help prints the usage', async () => {
  rmSync(join(app.folder, 'node_modules/@opentelemetry'), { recursive: true, force: true });
  expect(await runApp(['node_modules/otel-xray/dist/cli.cjs', '--help'])).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(await runApp(['node_modules/otel-xray/dist/cli.cjs', 'doctor'])).toMatchObject({
    code: 1,
    stderr: 'otel-xray: @opentelemetry/api is not installed; run: npm install @opentelemetry/api\n',
  });
});
