import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as AwsXRay from '@aws-sdk/client-xray';
import { untraced } from '../untraced.ts';
import { VERSION } from '../version.ts';
import { workingDirectory } from '../working-directory.ts';
import { unreferencedAgents } from './agents.ts';
import type { XRayApi } from './api.ts';
import { apiFailure } from './errors.ts';

/** The package that signs and sends the calls; an optional peer dependency. */
const CLIENT_PACKAGE = '@aws-sdk/client-xray';

export interface XRayApiOptions {
  /** Finds packages as the application does. Default: its working directory. */
  readonly directory?: string | undefined;
  /** The region of the platform, used if neither the environment nor a profile names one. */
  readonly platformRegion?: PlatformRegion | undefined;
  /** Overrides the environment; for tests. */
  readonly clientConfig?: AwsXRay.XRayClientConfig | undefined;
}

export interface PlatformRegion {
  /** Returns the region if it is known by now. */
  now(): string | undefined;
  /** Returns the region once the metadata of the platform is known. */
  later(): Promise<string | undefined>;
}

/** Longest time for a connection and for a whole call, in milliseconds. */
const CONNECT_MS = 3_000;
const CALL_MS = 10_000;

/**
 * Finds the AWS client in the application's packages, and loads it at the first call. Retries are left to the caller: the client
 * tries once, so that no timer of it keeps the process alive.
 *
 * @throws {Error} if the package is not installed
 */
export function openXRayApi(options: XRayApiOptions = {}): XRayApi {
  const require = createRequire(
    join(options.directory ?? workingDirectory() ?? '.', 'package.json'),
  );
  const packagePath = resolvePackage(require);
  let loaded: typeof AwsXRay | undefined;
  const aws = (): typeof AwsXRay => {
    loaded ??= require(packagePath) as typeof AwsXRay;
    return loaded;
  };
  const owner = new ClientOwner(aws, options);
  const call = <T>(work: (client: AwsXRay.XRayClient) => Promise<T>): Promise<T> =>
    owner.call(work);
  return {
    packagePath,
    get platformRegion() {
      return options.platformRegion?.now();
    },
    where: () =>
      call(async ({ config }) => {
        const endpoint = await config.endpoint?.();
        if (endpoint !== undefined) return `${endpoint.protocol}//${endpoint.hostname}`;
        return `region ${await config.region()}`;
      }),
    checkCredentials: () => call(async ({ config }) => void (await config.credentials())),
    putTraceSegments: (documents) =>
      call(async (xray) => {
        const command = new (aws().PutTraceSegmentsCommand)({
          TraceSegmentDocuments: [...documents],
        });
        const { UnprocessedTraceSegments = [] } = await xray.send(command);
        return UnprocessedTraceSegments.map(({ Id, ErrorCode, Message }) => ({
          id: Id,
          errorCode: ErrorCode,
          message: Message,
        }));
      }),
    getSamplingRules: (input) =>
      call((xray) => xray.send(new (aws().GetSamplingRulesCommand)(input))),
    getSamplingTargets: (input) =>
      call((xray) =>
        xray.send(
          new (aws().GetSamplingTargetsCommand)(input as AwsXRay.GetSamplingTargetsCommandInput),
        ),
      ),
    getTraceSegmentDestination: () =>
      call((xray) => xray.send(new (aws().GetTraceSegmentDestinationCommand)({}))),
    getIndexingRules: () => call((xray) => xray.send(new (aws().GetIndexingRulesCommand)({}))),
    close: () => owner.close(),
  };
}

/** Creates the AWS client at the first call, and anew when its credentials were refused. */
class ClientOwner {
  readonly #aws: () => typeof AwsXRay;
  readonly #options: XRayApiOptions;
  /**
   * The credential chain gets the configuration of the client. It keeps the files that it has read,
   * also for new clients, unless this is set.
   */
  readonly #readAgain: { ignoreCache?: boolean } = {};
  #client: AwsXRay.XRayClient | undefined;

  constructor(aws: () => typeof AwsXRay, options: XRayApiOptions) {
    this.#aws = aws;
    this.#options = options;
  }

  async call<T>(work: (client: AwsXRay.XRayClient) => Promise<T>): Promise<T> {
    try {
      return await untraced(() => work(this.#opened()));
    } catch (error) {
      // The chain caches what it found; a new client reads files and endpoints again.
      if (apiFailure(error).kind === 'credentials') {
        this.#readAgain.ignoreCache = true;
        this.close();
      }
      throw error;
    }
  }

  close(): void {
    this.#client?.destroy();
    this.#client = undefined;
  }

  #opened(): AwsXRay.XRayClient {
    const isRegionSet = process.env['AWS_REGION'] !== undefined;
    this.#client ??= new (this.#aws().XRayClient)({
      maxAttempts: 1,
      customUserAgent: [['otel-xray', VERSION]],
      requestHandler: {
        ...unreferencedAgents(),
        connectionTimeout: CONNECT_MS,
        requestTimeout: CALL_MS,
      },
      ...(!isRegionSet && { region: () => this.#region() }),
      ...regionFromEnvironment(),
      ...this.#readAgain,
      ...this.#options.clientConfig,
    });
    return this.#client;
  }

  /** Returns the region of the AWS SDK's defaults, or else that of the platform. */
  async #region(): Promise<string> {
    const defaults = new (this.#aws().XRayClient)({});
    try {
      return await defaults.config.region();
    } catch (error) {
      const found = await this.#options.platformRegion?.later();
      if (found !== undefined) return found;
      throw Object.assign(new Error(`${(error as Error).message}; set AWS_REGION`), {
        name: (error as Error).name,
      });
    } finally {
      defaults.destroy();
    }
  }
}

/** @throws {Error} if it is not installed; the message says what to install */
function resolvePackage(require: NodeJS.Require): string {
  try {
    return require.resolve(CLIENT_PACKAGE);
  } catch {
    throw new Error(`${CLIENT_PACKAGE} is not installed; run npm install ${CLIENT_PACKAGE}`);
  }
}

/** The AWS SDK for JavaScript does not read this variable, which the CLI and the other SDKs do. */
function regionFromEnvironment(): { readonly region?: string } {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  return AWS_REGION === undefined && AWS_DEFAULT_REGION ? { region: AWS_DEFAULT_REGION } : {};
}
