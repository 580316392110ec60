import type { Attributes } from '@opentelemetry/api';

/**
 * Dependencies of a resource detector. `system.ts` creates the real ones.
 */
export interface ResourceDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly system: SystemFacts;
  /** Reads a small file synchronously; `undefined` if it does not exist or is unreadable. */
  readonly readNow: (path: string) => string | undefined;
  /** Reads a small file; `undefined` if it does not exist or is unreadable. */
  readonly read: (path: string) => Promise<string | undefined>;
  /**
   * One HTTP request to a metadata service, untraced.
   *
   * @returns the body of a 2xx answer
   * @throws {Error} on another status, no response in time, a body above 256 KiB, a broken connection
   */
  readonly fetch: (request: MetadataRequest) => Promise<string>;
  /** A new random UUID. */
  readonly uuid: () => string;
  /** Logs a warning about missing attributes; called at most once per detector. */
  readonly warn: (message: string) => void;
  /** Logs an info message about attributes that are often missing. */
  readonly info: (message: string) => void;
}

/** Facts that Node.js knows without I/O. */
export interface SystemFacts {
  readonly hostname: string;
  /** As `os.arch()`, e.g. `x64`. */
  readonly arch: string;
  /** As `process.platform`, e.g. `linux`. */
  readonly platform: string;
  /** Release of the kernel. */
  readonly release: string;
  readonly pid: number;
  /** Path of the Node binary. */
  readonly execPath: string;
  /** Path of the script that was started; `undefined` for `node -e` and the REPL. */
  readonly script: string | undefined;
  /** Without the leading `v`. */
  readonly nodeVersion: string;
}

export interface MetadataRequest {
  readonly url: string;
  readonly method?: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds, when it is to be given up earlier than others. */
  readonly limitMs?: number | undefined;
  /** PEM of the authority that signed the server's certificate; `https:` only. */
  readonly ca?: string | undefined;
}

/**
 * One source of resource attributes.
 *
 * `detect` is synchronous and reads at most a small file; `detectAsync` may use the network. Both
 * return `{}` if the process does not run on the detector's platform. An error of `detectAsync` logs
 * one line that says why attributes are missing.
 */
export interface Detector {
  readonly detect?: (deps: ResourceDeps) => Attributes;
  readonly detectAsync?: (deps: ResourceDeps) => Promise<Attributes>;
  /** Returns whether the process probably runs on the platform. If not, a failure is no warning. */
  readonly isLikely?: (deps: ResourceDeps) => boolean;
}

/** Returns the attributes that have a value. */
export function withoutEmpty(attributes: Attributes): Attributes {
  const kept: Attributes = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== '') kept[key] = value;
  }
  return kept;
}

/** Returns the value if it is a non-empty string; metadata services may send anything. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/**
 * Parses a JSON object.
 *
 * @throws {Error} when the text is not one; the message quotes its beginning
 */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error(`the response is not a JSON object: ${JSON.stringify(text.slice(0, 40))}`);
}
