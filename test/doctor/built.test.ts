import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { answerRules, DEFAULT_RULE, startDoctorDaemon, testApp } from '../support/doctor.ts';
import { run } from '../support/run.ts';

test('the built command observes an application that is traced', async () => {
  using app = testApp(
    { 'app.mjs': "import express from 'express'; express().get('/', () => {});" },
    { links: ['otel-xray', 'express'] },
  );
  await using daemon = await startDoctorDaemon(answerRules(DEFAULT_RULE));
  const node = [process.execPath, '--import', 'otel-xray/register', 'app.mjs'];
  const { code, stdout } = await run(
    [join(root, 'dist/cli.cjs'), 'doctor', '--json', '--', ...node],
    {
      cwd: app.folder,
      env: { OTEL_SERVICE_NAME: 'shop', AWS_XRAY_DAEMON_ADDRESS: daemon.address },
    },
  );
  const { ok, findings } = JSON.parse(stdout) as {
    readonly ok: boolean;
    readonly findings: readonly { readonly check: string; readonly message: string }[];
  };
  const says = (check: string) => findings.find((finding) => finding.check === check)?.message;
  expect(says('start')).toBe('otel-xray/register was loaded first; traced: express');
  expect(says('versions')).toMatch(/^otel-xray \d+\.\d+\.\d+, .*2\.12\.1/);
  expect({ ok, code }).toEqual({ ok: true, code: 0 });
});
