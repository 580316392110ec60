import { expect, test } from 'vitest';
import { answerRules, DEFAULT_RULE, diagnose, startDoctorDaemon } from '../support/doctor.ts';

const RULE = {
  ...DEFAULT_RULE,
  RuleName: 'checkout',
  Priority: 50,
  ReservoirSize: 5,
  FixedRate: 0.1,
};

/** What the check `rules` says of these rules, to a service named `shop-api`. */
async function rulesFinding(...rules: readonly object[]): Promise<unknown> {
  await using daemon = await startDoctorDaemon(answerRules(...rules));
  const { findings } = await diagnose(['--json', '--no-send'], {
    env: { OTEL_SERVICE_NAME: 'shop-api', AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  const finding = findings.find(({ check }) => check === 'rules');
  return { level: finding?.level, message: finding?.message };
}

test('the rules that can decide about the service are listed by priority', async () => {
  const others = { ...RULE, RuleName: 'others', ServiceName: 'billing*' };
  const mine = { ...RULE, ServiceName: 'shop-*', HTTPMethod: 'POST' };
  expect(await rulesFinding(DEFAULT_RULE, others, mine)).toEqual({
    level: 'ok',
    message:
      '3 rules read; for service shop-api: checkout (5/s, then 10 %); Default (1/s, then 5 %)',
  });
});

test('a rule that takes everything and samples nothing is named', async () => {
  const none = { ...RULE, RuleName: 'none', ReservoirSize: 0, FixedRate: 0 };
  expect(await rulesFinding(DEFAULT_RULE, none)).toEqual({
    level: 'warn',
    message: '2 rules read; rule none takes every request that comes to it and samples none',
  });
});

test('no rule at all is named', async () => {
  expect(await rulesFinding()).toEqual({
    level: 'warn',
    message: '0 rules read, none of them for service shop-api',
  });
});

test('the text has a line for each finding and what to do below each problem', async () => {
  await using daemon = await startDoctorDaemon();
  const { stdout, code } = await diagnose([], {
    env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address, OTEL_XRAY_NESTING: 'maybe' },
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok {4}node {11}Node \d/m);
  expect(stdout).toMatch(
    /^WARN {2}settings {7}OTEL_XRAY_NESTING="maybe": .*\n {21}→ Correct the variable\.$/m,
  );
  expect(stdout).toMatch(
    /^FAIL {2}tcp {12}udp is open, but tcp .* is refused: .*\n {21}→ Publish/m,
  );
  expect(stdout).toMatch(/\n\n1 failed, 2 to look at\.\n$/);
});

test('warnings alone are exit code 0', async () => {
  await using daemon = await startDoctorDaemon(answerRules(DEFAULT_RULE));
  const { stdout, code } = await diagnose([], { env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address } });
  expect(stdout).toMatch(/0 failed, 1 to look at\.\n$/);
  expect(code).toBe(0);
});

test('with --no-send nothing is sent', async () => {
  await using daemon = await startDoctorDaemon(answerRules(DEFAULT_RULE));
  const { findings } = await diagnose(['--json', '--no-send'], {
    env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(findings.find(({ check }) => check === 'udp')).toEqual({
    check: 'udp',
    level: 'info',
    message: `no segment was sent to ${daemon.address}`,
  });
  expect(daemon.datagrams).toEqual([]);
});

test('with --no-send nothing is said of UDP, where no daemon answers by TCP', async () => {
  await using daemon = await startDoctorDaemon();
  const { findings } = await diagnose(['--json', '--no-send'], {
    env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(findings.find(({ check }) => check === 'tcp')).toMatchObject({
    cause: 'no-daemon',
    message: `nobody listens on tcp ${daemon.address}: the sampling rules of X-Ray cannot be read`,
  });
});

test('a wrong option is exit code 2, --help is the usage', async () => {
  const wrong = await diagnose(['--loud']);
  const help = await diagnose(['--help']);
  const watch = await diagnose(['--watch', 'long']);
  expect([wrong.code, help.code, watch.code]).toEqual([2, 0, 2]);
  expect(wrong.stderr).toContain("Unknown option '--loud'");
  expect(watch.stderr).toContain('--watch needs seconds');
  expect(help.stdout).toMatch(/^otel-xray doctor \[options\]/);
});
