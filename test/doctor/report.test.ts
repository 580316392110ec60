import { expect, test } from 'vitest';
import { answerRules, DEFAULT_RULE, diagnose, startDoctorDaemon } from '../support/doctor.ts';

const RULE = {
  ...DEFAULT_RULE,
  RuleName: 'checkout',
  Priority: 50,
  ReservoirSize: 5,
  FixedRate: 0.1,
};

/** Returns the finding of the check `rules` for a service named `shop-api`. */
async function rulesFinding(...rules: readonly object[]): Promise<unknown> {
  await using daemon = await startDoctorDaemon(answerRules(...rules));
  const { findings } = await diagnose(['--json', '--no-send'], {
    env: { OTEL_SERVICE_NAME: 'shop-api', AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  const finding = findings.find(({ check }) => check === 'rules');
  return { level: finding?.level, message: finding?.message };
}

test('the rules that apply to the service are listed by priority', async () => {
  const others = { ...RULE, RuleName: 'others', ServiceName: 'billing*' };
  const mine = { ...RULE, ServiceName: 'shop-*', HTTPMethod: 'POST' };
  expect(await rulesFinding(DEFAULT_RULE, others, mine)).toEqual({
    level: 'ok',
    message: '3 rules read; for service shop-api: checkout (5/s, then 10%); Default (1/s, then 5%)',
  });
});

test('a rule that matches everything and samples nothing is reported', async () => {
  const none = { ...RULE, RuleName: 'none', ReservoirSize: 0, FixedRate: 0 };
  expect(await rulesFinding(DEFAULT_RULE, none)).toEqual({
    level: 'warn',
    message: '2 rules read; rule none matches all remaining requests and samples none',
  });
});

test('an empty list of rules is reported', async () => {
  expect(await rulesFinding()).toEqual({
    level: 'warn',
    message: '0 rules read, none of which applies to service shop-api',
  });
});

test('the text has a line for each finding, followed by the fix of each problem', async () => {
  await using daemon = await startDoctorDaemon();
  const { stdout, code } = await diagnose([], {
    env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address, OTEL_XRAY_NESTING: 'maybe' },
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok {4}node {11}Node \d/m);
  expect(stdout).toMatch(
    /^WARN {2}settings {7}OTEL_XRAY_NESTING="maybe": .*\n {21}→ Correct the setting\.$/m,
  );
  expect(stdout).toMatch(
    /^FAIL {2}tcp {12}udp is open, but tcp .* refuses connections: .*\n {21}→ Publish/m,
  );
  expect(stdout).toMatch(/\n\n1 failed, 2 warnings\.\n$/);
});

test('the exit code is 0 if there are only warnings', async () => {
  await using daemon = await startDoctorDaemon(answerRules(DEFAULT_RULE));
  const { stdout, code } = await diagnose([], { env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address } });
  expect(stdout).toMatch(/0 failed, 1 warning\.\n$/);
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
    message: `no test segment was sent to ${daemon.address}`,
  });
  expect(daemon.datagrams).toEqual([]);
});

test('with --no-send, a missing daemon is reported for TCP only', async () => {
  await using daemon = await startDoctorDaemon();
  const { findings } = await diagnose(['--json', '--no-send'], {
    env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(findings.find(({ check }) => check === 'tcp')).toMatchObject({
    cause: 'no-daemon',
    message: `no process listens on tcp ${daemon.address}: the X-Ray sampling rules cannot be read`,
  });
});

test('an invalid option exits with code 2, --help prints the usage', async () => {
  const wrong = await diagnose(['--loud']);
  const help = await diagnose(['--help']);
  const watch = await diagnose(['--watch', 'long']);
  expect([wrong.code, help.code, watch.code]).toEqual([2, 0, 2]);
  expect(wrong.stderr).toContain("Unknown option '--loud'");
  expect(watch.stderr).toContain('--watch must be a number of seconds');
  expect(help.stdout).toMatch(/^otel-xray doctor \[options\]/);
});
