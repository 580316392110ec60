import { URL } from 'node:url';
import { type OutgoingOptions, originOf } from './http-targets.ts';

/**
 * Hosts that answer with the metadata and the credentials of an instance, container or pod: EC2 and
 * other clouds, ECS, EKS.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
const HOSTS = [
  '169.254.169.254',
  '[fd00:ec2::254]',
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
  'metadata.google.internal',
];
/** Variables that name another address of such a service, or the API of the Lambda runtime. */
const VARIABLES = [
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'ECS_CONTAINER_METADATA_URI_V4',
  'ECS_CONTAINER_METADATA_URI',
  'AWS_LAMBDA_RUNTIME_API',
];

let known: ReadonlySet<string> | undefined;

/**
 * Returns whether a request asks the platform for metadata, credentials or the next invocation.
 * Libraries, such as the AWS SDK, make these requests on their own and repeat them when credentials
 * expire. The platform sends no segment for them.
 */
export function isMetadataCall(options: OutgoingOptions): boolean {
  return isMetadataOrigin(originOf(options));
}

/** Returns the same for the origin of a request of `fetch`, for example `http://169.254.169.254`. */
export function isMetadataOrigin(origin: string): boolean {
  known ??= metadataOrigins(process.env);
  return known.has(origin);
}

/** Returns the origins of the services. A variable contains a URL or `host:port`. */
export function metadataOrigins(
  env: Readonly<Record<string, string | undefined>>,
): ReadonlySet<string> {
  const named = VARIABLES.flatMap((variable) => {
    const text = env[variable] ?? '';
    const url = /^https?:\/\//.test(text) ? text : `http://${text}`;
    return URL.canParse(url) ? [new URL(url).origin] : [];
  });
  return new Set([...HOSTS.map((host) => `http://${host}`), ...named]);
}
