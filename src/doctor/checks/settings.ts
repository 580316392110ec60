import { type Check, type Finding, fail, info, ok, warn } from '../finding.ts';

/** Reports invalid settings, and settings that prevent segments from being created. */
export const settings: Check = {
  name: 'settings',
  find: ({ config, env }) => {
    const findings: Finding[] = config.problems.map((problem) =>
      warn('setting-not-understood', problem, 'Correct the setting.'),
    );
    if (config.disabled) {
      const variable = env['OTEL_SDK_DISABLED'] ? 'OTEL_SDK_DISABLED' : 'AWS_XRAY_SDK_ENABLED';
      findings.push(fail('switched-off', `${variable} disables tracing`, `Unset ${variable}.`));
    }
    if (!config.exporters.includes('xray')) {
      findings.push(
        fail(
          'switched-off',
          `OTEL_TRACES_EXPORTER=${config.exporters.join(',')} sends nothing to X-Ray`,
          'Add xray to the list, or unset the variable.',
        ),
      );
    }
    if (config.sampler?.endsWith('always_off')) {
      findings.push(
        fail(
          'samples-nothing',
          `OTEL_TRACES_SAMPLER=${config.sampler} samples no requests`,
          'Unset it to use the X-Ray sampling rules.',
        ),
      );
    }
    findings.push(
      config.service === undefined
        ? warn(
            'setting-not-understood',
            'the service has no name and is shown as unknown_service:node',
            'Set OTEL_SERVICE_NAME.',
          )
        : info(`the service name is ${config.service}`),
    );
    return findings.some(({ level }) => level !== 'info')
      ? findings
      : [ok('all settings are valid'), ...findings];
  },
};
