import { existsSync } from 'node:fs';
import type { Endpoint } from '../daemon-address.ts';
import { beanstalkFile } from '../resource/detectors/beanstalk.ts';
import type { ConfigFacts, Facts, NetworkFacts } from './facts.ts';
import { tryApi } from './gather/api.ts';
import { readDestination } from './gather/destination.ts';
import { daemonsAmong } from './gather/elsewhere.ts';
import { installFacts } from './gather/install.ts';
import { watchStart } from './gather/start.ts';
import { tryTcp } from './gather/tcp.ts';
import { testSegment } from './gather/test-segment.ts';
import { tryUdp } from './gather/udp.ts';

const TCP_MS = 3_000;

/** What `doctor` examines. */
export interface Subject {
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: ConfigFacts;
  /** Value of `OTEL_XRAY_TRANSPORT`. */
  readonly transport: 'auto' | 'udp' | 'api';
  /** Directory of the application. */
  readonly cwd: string;
  /** The command that starts the application. Empty if none was given. */
  readonly command: readonly string[];
  /** How long to observe the application, in milliseconds. */
  readonly watchMs: number;
  readonly send: boolean;
  readonly versions: Readonly<Record<string, string>>;
  /** A file of this package next to `register`. The API is resolved from it. */
  readonly own: string;
  /** Path of the probe. */
  readonly probe: string;
  readonly now: () => number;
  /** Other addresses to try if no daemon responds at the configured one. */
  readonly likelyDaemons: () => readonly Endpoint[];
}

/** Gathers all facts. The network checks and the application run concurrently. */
export async function gather(subject: Subject): Promise<Facts> {
  const { node, env, config, versions } = subject;
  const [network, start] = await Promise.all([networkFacts(subject), startFacts(subject)]);
  const install = installFacts(subject.cwd, subject.own);
  const beanstalk = existsSync(beanstalkFile(process.platform));
  return { node, env, config, versions, network, start, install, beanstalk };
}

async function networkFacts(subject: Subject): Promise<NetworkFacts> {
  const { config, send, now, likelyDaemons, transport, cwd } = subject;
  const { udp: udpEndpoint, tcp: tcpEndpoint } = config.daemon;
  const [udp, tcp] = await Promise.all([
    send
      ? tryUdp(udpEndpoint, testSegment(config.service ?? 'otel-xray doctor', now()))
      : ({ endpoint: udpEndpoint, outcome: 'not-tried' } as const),
    tryTcp(tcpEndpoint, TCP_MS, now),
  ]);
  const lost = tcp.outcome !== 'answered' && udp.outcome !== 'silent';
  const isApiUsed = transport === 'api' || (transport === 'auto' && udp.outcome === 'refused');
  const api = transport !== 'udp' && isApiUsed ? await tryApi(transport, cwd) : undefined;
  const reached = tcp.answer?.status === 200 ? tcpEndpoint : undefined;
  const mayAsk = reached !== undefined || api?.outcome === 'answered';
  return {
    udp,
    tcp,
    api,
    destination: mayAsk ? await readDestination(reached, cwd) : undefined,
    elsewhere: lost ? await daemonsAmong(likelyDaemons(), tcpEndpoint, now) : [],
  };
}

async function startFacts(subject: Subject): Promise<Facts['start']> {
  return subject.command.length === 0 ? undefined : watchStart(subject);
}
