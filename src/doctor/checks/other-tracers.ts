import { type Check, info, ok, warn } from '../finding.ts';

/** Checks whether another tracer is installed. Only the first one to start has an effect. */
export const otherTracers: Check = {
  name: 'other tracers',
  find: ({ install, env }) => {
    if (install.tracers.length === 0) return ok('none installed');
    const list = install.tracers.map(({ name, version }) => `${name} ${version}`).join(', ');
    const started = install.tracers.filter(({ name }) => env['NODE_OPTIONS']?.includes(name));
    if (started.length > 0) {
      return warn(
        'other-tracer',
        `NODE_OPTIONS starts ${started.map(({ name }) => name).join(', ')}`,
        'Keep only one: the tracer that starts second has no effect. The exporter, sampler and propagator of otel-xray also work with an existing provider.',
      );
    }
    return info(`also installed: ${list}; only one tracer may be started`);
  },
};
