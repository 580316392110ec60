import type { DaemonAddress, Endpoint } from '../daemon-address.ts';

/** Everything the checks look at, gathered before: data only. */
export interface Facts {
  /** `process.versions.node`. */
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: ConfigFacts;
  readonly network: NetworkFacts;
  readonly install: InstallFacts;
  /** How the app starts; `undefined` when no command was given, `nothing` when it ran no Node. */
  readonly start: StartFacts | 'nothing' | undefined;
  /** Whether Elastic Beanstalk's file about the environment is there. */
  readonly beanstalk: boolean;
  /** Name → version of what this package is made of. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The settings in force that decide whether segments arrive. */
export interface ConfigFacts {
  readonly daemon: DaemonAddress;
  /** Who set the address: a variable's name or `default`. */
  readonly daemonFrom: string;
  readonly problems: readonly string[];
  readonly disabled: boolean;
  readonly exporters: readonly string[];
  readonly sampler: string | undefined;
  readonly service: string | undefined;
}

export interface NetworkFacts {
  readonly udp: UdpFacts;
  readonly tcp: TcpFacts;
  /** What X-Ray itself answers, if documents go there: always, or because there is no daemon. */
  readonly api?: ApiFacts | undefined;
  /** Addresses at which a daemon answers, when none does where it was looked for. */
  readonly elsewhere: readonly string[];
}

export interface ApiFacts {
  readonly mode: 'auto' | 'api';
  readonly outcome: 'answered' | 'package-missing' | 'denied' | 'failed';
  /** Region or endpoint, or the error. */
  readonly text: string;
}

/** What became of one datagram. */
export interface UdpFacts {
  readonly endpoint: Endpoint;
  /**
   * `silent`: nobody refused it, which is all that UDP tells. `not-tried`: no test segment was
   * wanted.
   */
  readonly outcome: 'silent' | 'refused' | 'host-unknown' | 'failed' | 'not-tried';
  /** Code of the system's error. */
  readonly error?: string | undefined;
  /** Trace id, in X-Ray's form, of the test segment that left. */
  readonly traceId?: string | undefined;
}

/** What became of reading the sampling rules. */
export interface TcpFacts {
  readonly endpoint: Endpoint;
  readonly outcome: 'answered' | 'refused' | 'host-unknown' | 'timeout' | 'failed';
  readonly error?: string | undefined;
  readonly answer?: Answer | undefined;
}

export interface Answer {
  readonly status: number;
  /** The parsed JSON, or the text when it is none. */
  readonly body: unknown;
  /** Value of `x-amzn-errortype`. */
  readonly errorType?: string | undefined;
  /** Milliseconds by which this machine's clock is ahead of the answer's `Date`. */
  readonly aheadMs?: number | undefined;
}

/** A package found on disk. */
export interface PackageCopy {
  readonly name: string;
  readonly version: string;
  /** Folder, from the app's folder on. */
  readonly path: string;
}

export interface InstallFacts {
  /** Every copy of `@opentelemetry/api` below the app. */
  readonly apis: readonly PackageCopy[];
  /** Version of the copy this package registers with. */
  readonly ownApi: string | undefined;
  /** Other tracers the app has installed. */
  readonly tracers: readonly PackageCopy[];
  /** Packages whose instrumentation knows only some versions. */
  readonly versioned: readonly PackageCopy[];
  /** Packages the app declares as dependencies. */
  readonly dependencies: readonly string[];
}

/** What was seen while the app started. */
export interface StartFacts {
  /** Path of the entry point. */
  readonly entry: string | undefined;
  readonly esm: boolean;
  /** Whether `otel-xray/register` has run. */
  readonly registered: boolean;
  /** Packages that loaded before it, and after it, in order. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Packages whose code lies inside the app's own files. */
  readonly bundled: readonly string[];
  /** Bytes of the biggest file of the app itself. */
  readonly biggestFile: number;
  /** The command's exit code when it ended by itself. */
  readonly exitCode: number | undefined;
}
