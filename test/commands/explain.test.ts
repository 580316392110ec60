import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { explainCommand } from '../../src/commands/explain.ts';
import { rulesReply } from '../support/sampling.ts';
import { rawRule } from '../support/sampling-cases.ts';
import { samplingServer } from '../support/sampling-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'otel-xray-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function file(content: unknown): string {
  files += 1;
  const path = join(folder, `rules-${files}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const code = await explainCommand(argv, { stdout: into('stdout'), stderr: into('stderr'), env });
  return { code, ...written };
}

const CLI_FORM = {
  SamplingRule: rawRule({
    RuleName: 'checkout-writes',
    Priority: 50,
    ReservoirSize: 5,
    FixedRate: 0.2,
    ServiceName: 'shop-*',
    HTTPMethod: 'P*T',
    URLPath: '/checkout/*',
    Attributes: { tenant: 'gold*' },
  }),
};

test('every rule is shown field by field up to the one that takes the request', async () => {
  const rules = file([
    CLI_FORM,
    { SamplingRule: rawRule({ RuleName: 'Default', Priority: 10_000 }) },
  ]);
  const { code, stdout, stderr } = await run(
    ['--rules', rules, 'post', 'https://shop.example/checkout/7?x=1', 'tenant=silver'],
    { OTEL_SERVICE_NAME: 'shop-api' },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`✗ checkout-writes  (priority 50)
    ✓ ServiceName        shop-*       fits shop-api
    ✓ HTTPMethod         P*T          fits POST
    ✓ URLPath            /checkout/*  fits /checkout/7
    ✗ Attributes.tenant  gold*        does not fit silver
✓ Default  (priority 10000)
    takes every request

Taken by Default (local rules).
  reservoir  1 a second for this process; 0 taken this second
  then       5 % of the others
`);
});

test('the rule that takes the request ends the list; --json has them all', async () => {
  const rules = file([
    CLI_FORM,
    { SamplingRule: rawRule({ RuleName: 'Default', Priority: 10_000 }) },
  ]);
  const call = ['--rules', rules, '--service', 'shop-api', 'PUT', '/checkout/7', 'tenant=Gold-1'];
  const { stdout } = await run(call);
  expect(stdout).toContain('  1 more rule behind it\n\nTaken by checkout-writes (local rules).');
  expect(stdout).toContain('  reservoir  5 a second for this process; 0 taken this second');
  const json = JSON.parse((await run(['--json', ...call])).stdout);
  expect(json).toMatchObject({ source: 'local rules', rule: 'checkout-writes' });
  expect(json.rules.map(({ name }: { name: string }) => name)).toEqual([
    'checkout-writes',
    'Default',
  ]);
});

test('a rules file of the X-Ray SDK', async () => {
  const rule = {
    description: 'pings',
    host: '*',
    http_method: '*',
    url_path: '/ping',
    fixed_target: 0,
    rate: 0,
  };
  const rules = file({ version: 2, default: { fixed_target: 1, rate: 0.1 }, rules: [rule] });
  const ping = await run(['--rules', rules, 'GET', 'http://h/ping']);
  expect(ping.stdout).toContain('Taken by 1: pings (local rules).\n  reservoir  0 a second');
  const other = await run(['--rules', rules, 'GET', 'http://h/other']);
  expect(other.stdout).toContain('URLPath  /ping  does not fit /other');
  expect(other.stdout).toContain('then       10 % of the others');
});

test('without a file the daemon is asked', async () => {
  const records = rulesReply(rawRule({ RuleName: 'Default', ReservoirSize: 7, FixedRate: 0.001 }));
  await using server = await samplingServer((response) => response.end(JSON.stringify(records)));
  const { code, stdout } = await run(['GET', '/'], { AWS_XRAY_DAEMON_ADDRESS: server.address });
  expect(code).toBe(0);
  expect(stdout).toContain('Taken by Default (X-Ray).');
  expect(stdout).toContain(
    '7 a second for the account; no quota yet, so this process borrows 1 a second',
  );
  expect(stdout).toContain('then       0.1 % of the others');
});

test('a resource attribute decides about rules on the service type', async () => {
  const rules = file({ SamplingRule: rawRule({ ServiceType: 'AWS::ECS::Fargate' }) });
  const call = ['--rules', rules, 'GET', '/'];
  expect((await run(call)).code).toBe(1);
  const fargate = [
    '--resource',
    'cloud.platform=aws_ecs',
    '--resource',
    'aws.ecs.launchtype=fargate',
  ];
  expect((await run([...fargate, ...call])).code).toBe(0);
});

test('no rule takes the request', async () => {
  const rules = file({ SamplingRule: rawRule({ URLPath: '/a' }) });
  const { code, stdout } = await run(['--rules', rules, 'GET', '/b']);
  expect(code).toBe(1);
  expect(stdout).toContain('No rule takes this request: 1 a second, then 5 %.');
});

test.for([
  { rule: 'nothing', argv: [], message: 'explain needs a METHOD and a URL' },
  { rule: 'a method alone', argv: ['GET'], message: 'explain needs a METHOD and a URL' },
  { rule: 'an unknown option', argv: ['--what', 'GET', '/'], message: '--what' },
  {
    rule: 'an attribute without a value',
    argv: ['GET', '/', 'tenant'],
    message: '"tenant" is not key=value',
  },
  {
    rule: 'a daemon that is no address',
    argv: ['--daemon', 'ftp://x', 'GET', '/'],
    message: 'ftp://x',
  },
])(
  'a command line that cannot be read ends with 2 and the usage: $rule',
  async ({ argv, message }) => {
    const { code, stderr, stdout } = await run(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('usage: otel-xray explain');
  },
);

test.for([
  { rule: 'a file that is not there', content: undefined, message: 'ENOENT' },
  { rule: 'a file that is not JSON', content: '{', message: '$: not JSON' },
  {
    rule: 'a file of something else',
    content: { a: 1 },
    message: '$: expected rules of an X-Ray SDK',
  },
  {
    rule: 'every problem with its place',
    content: {
      version: 2,
      default: { fixed_target: -1, rate: 2 },
      rules: [{ host: '*', service_name: '*' }],
    },
    message: `
  $.rules[0].service_name: unknown key, ignored
  $.rules[0].fixed_target: expected a whole number from 0, got nothing; the rule is skipped
  $.rules[0].rate: expected a number from 0 to 1, got nothing; the rule is skipped
  $.rules[0].http_method: expected a pattern, got nothing; the rule is skipped
  $.rules[0].url_path: expected a pattern, got nothing; the rule is skipped
  $.default.fixed_target: expected a whole number from 0, got -1; using 1 request per second, then 5 %
  $.default.rate: expected a number from 0 to 1, got 2; using 1 request per second, then 5 %
`,
  },
  {
    rule: 'a rule without a name in a list',
    content: [{ SamplingRule: {} }],
    message: '$[0]: a rule without RuleName',
  },
])('rules that cannot be used end with 1 and the reason: $rule', async ({ content, message }) => {
  const path = content === undefined ? join(folder, 'none.json') : file(content);
  const { code, stderr } = await run(['--rules', path, 'GET', '/']);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});

test('a daemon that is not there ends with 1 and its address', async () => {
  const server = await samplingServer();
  await server[Symbol.asyncDispose]();
  const { code, stderr } = await run(['--daemon', server.address, 'GET', '/']);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `no sampling rules from the daemon at ${server.address}: ECONNREFUSED\n`,
  });
});

test('--help prints the usage', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^usage: otel-xray explain/);
});
