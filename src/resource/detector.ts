import type { Attributes } from '@opentelemetry/api';

/**
 * What a resource detector may use. The real ones are made by `system.ts`; tests hand in doubles.
 */
export interface ResourceDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly system: SystemFacts;
  /** The text of a small file, read at once; `undefined` when it is not there or unreadable. */
  readonly readNow: (path: string) => string | undefined;
  /** The text of a small file; `undefined` when it is not there or unreadable. */
  readonly read: (path: string) => Promise<string | undefined>;
  /**
   * One HTTP request to a metadata service, untraced.
   *
   * @returns the body of a 2xx answer
   * @throws {Error} on another status, no answer in time, a body above 256 KiB, a broken connection
   */
  readonly fetch: (request: MetadataRequest) => Promise<string>;
  /** A new random UUID. */
  readonly uuid: () => string;
  /** Says that data is missing which should be there; called at most once per detector. */
  readonly warn: (message: string) => void;
  /** Says that data is missing where that is usual; seen at log level `info` only. */
  readonly info: (message: string) => void;
}

/** Facts that Node has at hand without I/O. */
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
 * `now` needs no waiting (at most a small file of a fixed path); `later` may ask the network. Both
 * give `{}` when the process does not run in the detector's place. What `later` throws becomes one
 * line that says why data is missing.
 */
export interface Detector {
  readonly detect?: (deps: ResourceDeps) => Attributes;
  readonly detectAsync?: (deps: ResourceDeps) => Promise<Attributes>;
}

/** Leaves out attributes without a value. */
export function withoutEmpty(attributes: Attributes): Attributes {
  const kept: Attributes = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== '') kept[key] = value;
  }
  return kept;
}

/** The value when it is a text with something in it; metadata services may send anything. */
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
  throw new Error(`the answer is not a JSON object: ${JSON.stringify(text.slice(0, 40))}`);
}
