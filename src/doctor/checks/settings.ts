import { type Check, type Finding, fail, info, ok, warn } from '../finding.ts';

/** Settings that were not understood, or that keep segments from being made. */
export const settings: Check = {
  name: 'settings',
  find: ({ config, env }) => {
    const findings: Finding[] = config.problems.map((problem) =>
      warn('setting-not-understood', problem, 'Correct the variable.'),
    );
    if (config.disabled) {
      const variable = env['OTEL_SDK_DISABLED'] ? 'OTEL_SDK_DISABLED' : 'AWS_XRAY_SDK_ENABLED';
      findings.push(fail('switched-off', `${variable} switches tracing off`, `Unset ${variable}.`));
    }
    if (!config.exporters.includes('xray')) {
      findings.push(
        fail(
          'switched-off',
          `OTEL_TRACES_EXPORTER=${config.exporters.join(',')} sends nothing to X-Ray`,
          'Add xray to the list, or unset it.',
        ),
      );
    }
    if (config.sampler?.endsWith('always_off')) {
      findings.push(
        fail(
          'samples-nothing',
          `OTEL_TRACES_SAMPLER=${config.sampler} takes no request`,
          'Unset it to use the rules of X-Ray.',
        ),
      );
    }
    findings.push(
      config.service === undefined
        ? warn(
            'setting-not-understood',
            'the service has no name: it would show as unknown_service:node',
            'Set OTEL_SERVICE_NAME.',
          )
        : info(`the service is ${config.service}`),
    );
    return findings.some(({ level }) => level !== 'info')
      ? findings
      : [ok('all values are understood'), ...findings];
  },
};
