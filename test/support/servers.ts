import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/staleness.mjs';
import { freePort } from './free-port.ts';
import { meetsRequirement } from './requirements.ts';

/** Real servers on loopback with data in a temporary folder; they end with the test process. */
export interface Servers extends AsyncDisposable {
  /** Ports by server name. */
  readonly ports: Readonly<Record<ServerName, number>>;
}

export type ServerName =
  | 'postgres'
  | 'mariadb'
  | 'redis'
  | 'rabbitmq'
  | 'memcached'
  | 'mosquitto'
  | 'moto';

interface Recipe {
  /** Path of the program as installed by `scripts/ci-setup.sh`. */
  readonly program: () => string;
  readonly args: (port: number, folder: string) => readonly string[];
  /** Output that shows that it accepts connections. */
  readonly ready: RegExp;
  /** User to run as if the tests run as root, which the server does not allow. */
  readonly user?: string;
  readonly before?: (folder: string, asUser: readonly string[]) => void;
  readonly env?: (
    port: number,
    folder: string,
    helperPorts: readonly number[],
  ) => Record<string, string>;
}

const POSTGRES = '/usr/lib/postgresql';

function postgresBin(name: string): string {
  const [version = 'none'] = existsSync(POSTGRES) ? readdirSync(POSTGRES).sort().reverse() : [];
  return join(POSTGRES, version, 'bin', name);
}

const RECIPES: Readonly<Record<ServerName, Recipe>> = {
  postgres: {
    program: () => postgresBin('postgres'),
    args: (port, folder) => [
      ...['-D', join(folder, 'data'), '-p', String(port), '-k', folder],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
    ],
    ready: /ready to accept connections/,
    user: 'postgres',
    before(folder, asUser) {
      const initdb = [
        postgresBin('initdb'),
        '-D',
        join(folder, 'data'),
        '-U',
        'app',
        '-A',
        'trust',
      ];
      const [program = '', ...args] = [...asUser, ...initdb, '--no-sync', '--locale=C'];
      execFileSync(program, args, { stdio: 'pipe', cwd: folder });
    },
  },
  mariadb: {
    program: () => '/usr/sbin/mariadbd',
    args: (port, folder) => [
      ...['--no-defaults', '--skip-grant-tables', '--bind-address=127.0.0.1'],
      ...[`--port=${port}`, `--datadir=${folder}`, `--socket=${join(folder, 'socket')}`],
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    ],
    ready: /ready for connections/,
  },
  redis: {
    program: () => '/usr/bin/redis-server',
    args: (port, folder) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no'],
    ],
    ready: /Ready to accept connections/,
  },
  rabbitmq: {
    program: () => '/usr/lib/rabbitmq/bin/rabbitmq-server',
    args: () => [],
    ready: /completed with/,
    env: (port, folder, [epmdPort, distributionPort]) => ({
      HOME: folder,
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: 'test@localhost',
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distributionPort),
      RABBITMQ_MNESIA_BASE: folder,
      RABBITMQ_LOG_BASE: folder,
      RABBITMQ_CONFIG_FILE: join(folder, 'none'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    }),
  },
  memcached: {
    program: () => '/usr/bin/memcached',
    args: (port) => ['-l', '127.0.0.1', '-p', String(port), '-u', 'root', '-v', '-v'],
    ready: /server listening/,
  },
  mosquitto: {
    program: () => '/usr/sbin/mosquitto',
    // Without a configuration file, it listens on loopback only.
    args: (port) => ['-p', String(port)],
    ready: /running/,
  },
  moto: {
    program: () => join(root, '.cache/venv/bin/moto_server'),
    args: (port) => ['-H', '127.0.0.1', '-p', String(port)],
    ready: /Running on/,
  },
};

const NAMES = Object.keys(RECIPES) as readonly ServerName[];

/** Returns those of the servers that are not installed. */
export function missingServers(names: readonly ServerName[]): readonly ServerName[] {
  return names.filter((name) => !existsSync(RECIPES[name].program()));
}

/** Returns whether every server is installed; prints the reason for a skip if not. */
export function hasServers(names: readonly ServerName[] = NAMES): boolean {
  const missing = missingServers(names);
  return meetsRequirement(
    missing.length === 0
      ? undefined
      : `not installed: ${missing.join(', ')}; run scripts/ci-setup.sh`,
  );
}

/** @param names the servers to start; all by default */
export async function startServers(names: readonly ServerName[] = NAMES): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-servers-'));
  chmodSync(folder, 0o755);
  const children: ChildProcess[] = [];
  const remove = async (): Promise<void> => {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const started = await Promise.all(
      names.map(async (name) => [name, await startServer(name, folder, children)] as const),
    );
    return {
      ports: Object.fromEntries(started) as Servers['ports'],
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @returns its port */
async function startServer(
  name: ServerName,
  parent: string,
  children: ChildProcess[],
): Promise<number> {
  const { program, args, ready, user, before, env } = RECIPES[name];
  const folder = join(parent, name);
  mkdirSync(folder);
  const asUser = user !== undefined && process.getuid?.() === 0 ? asOther(user, folder) : [];
  before?.(folder, asUser);
  // These servers cannot choose a port themselves.
  const port = await freePort();
  const helperPorts = [await freePort(), await freePort()];
  if (name === 'rabbitmq') {
    // Otherwise it starts a name server that outlives the test.
    const [epmdPort] = helperPorts;
    children.push(launch(['epmd', '-port', String(epmdPort), '-address', '127.0.0.1'], folder));
  }
  const command = [...asUser, program(), ...args(port, folder)];
  const child = launch(command, folder, env?.(port, folder, helperPorts));
  children.push(child);
  await printed(name, child, ready);
  return port;
}

/** Returns a command that runs another one as this user, who becomes owner of the folder. */
function asOther(user: string, folder: string): readonly string[] {
  const id = (option: string): number =>
    Number(execFileSync('id', [option, user], { encoding: 'utf8' }));
  chownSync(folder, id('-u'), id('-g'));
  return ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
}

/** Kills its process group when the program ends or standard input closes. */
const KEEPER =
  'exec 3<&0; "$@" </dev/null 3<&- & { cat <&3 >/dev/null; kill -KILL 0; } & wait %1; kill -KILL 0';

/** Starts a program in its own process group, so that its children end with it. */
function launch(
  command: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): ChildProcess {
  return spawn('bash', ['-c', KEEPER, 'keeper', ...command], {
    cwd,
    detached: true,
    env: { PATH: process.env.PATH, HOME: cwd, LC_ALL: 'C.UTF-8', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function printed(name: string, child: ChildProcess, ready: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (part: Buffer): void => {
      text += part.toString();
      if (ready.test(text)) resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${name} ended: ${text}`)));
  });
}

/** Closes standard input, which ends the process group, and waits. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}
