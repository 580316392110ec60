import type { AppRequest } from '../apps/server-run.ts';
import type { ServerName } from '../support/servers.ts';

/** Its program is `test/canary/programs/bundle.mjs`. */
export type Bundler = 'esbuild' | 'webpack' | 'rspack' | 'rollup' | 'rolldown' | 'vite';

export interface Library {
  /** Name of the instrumentation, of its program and of the golden file. */
  readonly name: string;
  readonly packageName: string;
  /** The newest version that the program was run with. */
  readonly version: string;
  /** Packages of the same release, which get the same version. */
  readonly family?: readonly string[];
  /** Other packages of the program. */
  readonly others?: readonly string[];
  /** The program, if it is not a file in `test/canary/programs`. */
  readonly text?: string;
  /** What Node runs, if it is not the program with this name: a file and its arguments. */
  readonly args?: readonly string[];
  /** Requests to the program, which prints `listening on <port>` or `port <port>`. */
  readonly requests?: readonly AppRequest[];
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether what the program prints depends on the machine. */
  readonly ignoresOutput?: boolean;
  /** Servers that it needs. */
  readonly servers?: readonly ServerName[];
  /** A server of the tests that it needs. */
  readonly fake?: 'apis' | 'nats';
}
