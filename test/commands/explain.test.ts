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

test('the rules are shown field by field, up to the one that matches the request', async () => {
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
    ✓ ServiceName        shop-*       matches shop-api
    ✓ HTTPMethod         P*T          matches POST
    ✓ URLPath            /checkout/*  matches /checkout/7
    ✗ Attributes.tenant  gold*        does not match silver
✓ Default  (priority 10000)
    matches every request

Matched by Default (local rules).
  reservoir  1 per second for this process; 0 used this second
  then       5% of other requests
`);
});

test('the text ends with the rule that matches; --json includes all rules', async () => {
  const rules = file([
    CLI_FORM,
    { SamplingRule: rawRule({ RuleName: 'Default', Priority: 10_000 }) },
  ]);
  const call = ['--rules', rules, '--service', 'shop-api', 'PUT', '/checkout/7', 'tenant=Gold-1'];
  const { stdout } = await run(call);
  expect(stdout).toContain(
    '  1 more rule not evaluated\n\nMatched by checkout-writes (local rules).',
  );
  expect(stdout).toContain('  reservoir  5 per second for this process; 0 used this second');
  const json = JSON.parse((await run(['--json', ...call])).stdout);
  expect(json).toMatchObject({ source: 'local rules', rule: 'checkout-writes' });
  expect(json.rules.map(({ name }: { name: string }) => name)).toEqual([
    'checkout-writes',
    'Default',
  ]);
});

test('a rules file in the format of the X-Ray SDKs is read', async () => {
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
  expect(ping.stdout).toContain('Matched by 1: pings (local rules).\n  reservoir  0 per second');
  const other = await run(['--rules', rules, 'GET', 'http://h/other']);
  expect(other.stdout).toContain('URLPath  /ping  does not match /other');
  expect(other.stdout).toContain('then       10% of other requests');
});

test('without a file, the rules are requested from the daemon', async () => {
  const records = rulesReply(rawRule({ RuleName: 'Default', ReservoirSize: 7, FixedRate: 0.001 }));
  await using server = await samplingServer((response) => response.end(JSON.stringify(records)));
  const { code, stdout } = await run(['GET', '/'], { AWS_XRAY_DAEMON_ADDRESS: server.address });
  expect(code).toBe(0);
  expect(stdout).toContain('Matched by Default (X-Ray).');
  expect(stdout).toContain(
    '7 per second for the account; no quota yet, so this process borrows 1 per second',
  );
  expect(stdout).toContain('then       0.1% of other requests');
});

test('resource attributes are matched against the service type of a rule', async () => {
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

test('a request that no rule matches exits with code 1 and shows the fallback', async () => {
  const rules = file({ SamplingRule: rawRule({ URLPath: '/a' }) });
  const { code, stdout } = await run(['--rules', rules, 'GET', '/b']);
  expect(code).toBe(1);
  expect(stdout).toContain(
    'No rule matches this request. The fallback applies: 1 request per second, then 5%.',
  );
});

test.for([
  { rule: 'no arguments', argv: [], message: 'METHOD and URL are required' },
  { rule: 'a method without a URL', argv: ['GET'], message: 'METHOD and URL are required' },
  { rule: 'an unknown option', argv: ['--what', 'GET', '/'], message: '--what' },
  {
    rule: 'an attribute without a value',
    argv: ['GET', '/', 'tenant'],
    message: '"tenant" is not key=value',
  },
  {
    rule: 'an invalid daemon address',
    argv: ['--daemon', 'ftp://x', 'GET', '/'],
    message: 'ftp://x',
  },
])('invalid arguments exit with code 2 and print the usage: $rule', async ({ argv, message }) => {
  const { code, stderr, stdout } = await run(argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('usage: otel-xray explain');
});

test.for([
  { rule: 'a missing file', content: undefined, message: 'ENOENT' },
  { rule: 'a file that is not JSON', content: '{', message: '$: not JSON' },
  {
    rule: 'a file in another format',
    content: { a: 1 },
    message: '$: expected rules of an X-Ray SDK',
  },
  {
    rule: 'every problem is listed with its path',
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
  $.default.fixed_target: expected a whole number from 0, got -1; using 1 request per second, then 5%
  $.default.rate: expected a number from 0 to 1, got 2; using 1 request per second, then 5%
`,
  },
  {
    rule: 'a rule without a name in a list',
    content: [{ SamplingRule: {} }],
    message: '$[0]: a rule without RuleName',
  },
])('unusable rules exit with code 1 and print the reason: $rule', async ({ content, message }) => {
  const path = content === undefined ? join(folder, 'none.json') : file(content);
  const { code, stderr } = await run(['--rules', path, 'GET', '/']);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});

test('a missing daemon exits with code 1 and prints its address', async () => {
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
