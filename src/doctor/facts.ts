import type { DaemonAddress, Endpoint } from '../daemon-address.ts';

/** The input of all checks, gathered beforehand. Contains only data. */
export interface Facts {
  /** `process.versions.node`. */
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: ConfigFacts;
  readonly network: NetworkFacts;
  readonly install: InstallFacts;
  /** `undefined` if no command was given, `nothing` if the command did not run Node.js. */
  readonly start: StartFacts | 'nothing' | undefined;
  /** Whether the environment file of Elastic Beanstalk exists. */
  readonly beanstalk: boolean;
  /** Name → version of the packages that are part of otel-xray. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The effective settings that determine whether segments arrive. */
export interface ConfigFacts {
  readonly daemon: DaemonAddress;
  /** The source of the address: the name of a variable, or `default`. */
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
  /** The response of the X-Ray API, if documents are sent there, always or as a fallback. */
  readonly api?: ApiFacts | undefined;
  /** Where the account stores spans; `undefined` if it cannot be read. */
  readonly destination?: DestinationFacts | undefined;
  /** Other addresses at which a daemon responds, if none responds at the configured one. */
  readonly elsewhere: readonly string[];
}

export interface ApiFacts {
  readonly mode: 'auto' | 'api';
  readonly outcome: 'answered' | 'package-missing' | 'denied' | 'failed';
  /** The region or endpoint, or the error. */
  readonly text: string;
}

/** The destination of trace segments, which is a setting of the account. */
export interface DestinationFacts {
  /** `CloudWatchLogs`: the account uses Transaction Search. */
  readonly destination: 'XRay' | 'CloudWatchLogs';
  /** The account is being switched to this destination. */
  readonly isPending: boolean;
  /** Percentage of the traces that are indexed as trace summaries. */
  readonly indexedPercent: number | undefined;
}

/** The result of sending one datagram. */
export interface UdpFacts {
  readonly endpoint: Endpoint;
  /**
   * `silent`: the datagram was not rejected. UDP has no acknowledgement, so it may still be lost.
   * `not-tried`: sending a test segment is disabled.
   */
  readonly outcome: 'silent' | 'refused' | 'host-unknown' | 'failed' | 'not-tried';
  /** Code of the system error. */
  readonly error?: string | undefined;
  /** Trace id of the test segment that was sent, in X-Ray format. */
  readonly traceId?: string | undefined;
}

/** The result of reading the sampling rules. */
export interface TcpFacts {
  readonly endpoint: Endpoint;
  readonly outcome: 'answered' | 'refused' | 'host-unknown' | 'timeout' | 'failed';
  readonly error?: string | undefined;
  readonly answer?: Answer | undefined;
}

export interface Answer {
  readonly status: number;
  /** The parsed JSON, or the text if it is not JSON. */
  readonly body: unknown;
  /** Value of `x-amzn-errortype`. */
  readonly errorType?: string | undefined;
  /** Milliseconds by which this machine's clock is ahead of the `Date` header. */
  readonly aheadMs?: number | undefined;
}

/** A package found on disk. */
export interface PackageCopy {
  readonly name: string;
  readonly version: string;
  /** Directory, relative to the application's directory. */
  readonly path: string;
}

export interface InstallFacts {
  /** Every copy of `@opentelemetry/api` that the application can load. */
  readonly apis: readonly PackageCopy[];
  /** Version of the copy that otel-xray uses. */
  readonly ownApi: string | undefined;
  /** Other tracers that are installed. */
  readonly tracers: readonly PackageCopy[];
  /** Packages whose instrumentation supports only some versions. */
  readonly versioned: readonly PackageCopy[];
  /** The `dependencies` of the application's package.json. */
  readonly dependencies: readonly string[];
}

/** What the probe recorded while the application started. */
export interface StartFacts {
  /** Path of the entry point. */
  readonly entry: string | undefined;
  readonly esm: boolean;
  /** Whether `otel-xray/register` was loaded. */
  readonly registered: boolean;
  /** Packages that were loaded before and after it, in order. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Packages whose code is part of the application's own files. */
  readonly bundled: readonly string[];
  /** Whether one of these files was built with a bundler plugin of otel-xray. */
  readonly builtWithPlugin: boolean;
  /** Size of the largest file of the application itself, in bytes. */
  readonly biggestFile: number;
  /** How often the code of each instrumentation threw an error, by its name. */
  readonly failures: Readonly<Record<string, number>>;
  /** Exit code of the command, if it exited by itself. */
  readonly exitCode: number | undefined;
}
