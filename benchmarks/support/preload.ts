import { join } from 'node:path';

/** How a subject is loaded into an application: flags of Node, and variables. */
export interface Preload {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../..');
const peers = join(root, 'benchmarks/peers');

/** Flags and environment of each subject; all trace every request and send it to the sink. */
export function preload(
  subject: string,
  ports: { readonly udpPort: number; readonly httpPort: number },
): Preload {
  const found = PRELOADS[subject];
  if (found === undefined) throw new TypeError(`no subject ${JSON.stringify(subject)}`);
  const address = `127.0.0.1:${ports.udpPort}`;
  return found({ ...ports, address });
}

interface Addresses {
  readonly address: string;
  readonly httpPort: number;
}

const PRELOADS: Readonly<Record<string, (to: Addresses) => Preload>> = {
  bare: () => ({ flags: [], env: {} }),
  'otel-xray': ours,
  'otel-xray, no exporter': (to) => {
    const { flags, env } = ours(to);
    return { flags, env: { ...env, OTEL_TRACES_EXPORTER: 'none' } };
  },
  'send alone': (to) => {
    const { flags, env } = ours(to);
    const processor = join(root, 'benchmarks/subjects/send-alone.ts');
    return {
      flags: [...flags, '--import', processor],
      env: { ...env, OTEL_TRACES_EXPORTER: 'none' },
    };
  },
  'ADOT SDK alone': () => ({ flags: ['--require', join(peers, 'adot/sdk.cjs')], env: {} }),
  'ADOT SDK + UDP': ({ address }) => ({
    flags: ['--require', join(peers, 'adot/sdk.cjs')],
    env: { ADOT_UDP: address },
  }),
  'ADOT register': adot,
  'ADOT fast start': (to) => {
    const { flags, env } = adot(to);
    return { flags, env: { ...env, OTEL_AWS_LAMBDA_FAST_START: 'true' } };
  },
  'X-Ray SDK': ({ address }) => ({
    flags: ['--require', join(peers, 'xray-sdk/preload.cjs')],
    env: { AWS_XRAY_DAEMON_ADDRESS: address, AWS_XRAY_LOG_LEVEL: 'silent' },
  }),
  'dd-trace': ({ httpPort }) => ({
    flags: ['--require', join(peers, 'dd-trace/node_modules/dd-trace/init.js')],
    env: {
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${httpPort}`,
      DD_TRACE_STARTUP_LOGS: 'false',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_SERVICE: 'bench',
    },
  }),
};

function ours({ address }: Addresses): Preload {
  return {
    flags: ['--import', join(root, 'dist/register.cjs')],
    env: {
      AWS_XRAY_DAEMON_ADDRESS: address,
      OTEL_SERVICE_NAME: 'bench',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_LOG_LEVEL: 'none',
    },
  };
}

function adot({ address }: Addresses): Preload {
  return {
    flags: [
      '--require',
      join(
        peers,
        'adot/node_modules/@aws/aws-distro-opentelemetry-node-autoinstrumentation/build/src/register.js',
      ),
    ],
    env: {
      AWS_XRAY_DAEMON_ADDRESS: address,
      // Makes ADOT send to the daemon over UDP outside Lambda.
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'udp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'udp',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      OTEL_SERVICE_NAME: 'bench',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_AWS_APPLICATION_SIGNALS_ENABLED: 'false',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_LOG_LEVEL: 'none',
    },
  };
}
