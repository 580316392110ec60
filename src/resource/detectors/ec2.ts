import type { Detector, ResourceDeps } from '../detector.ts';
import { parseObject, textOf, withoutEmpty } from '../detector.ts';

const ENDPOINTS = { IPv4: 'http://169.254.169.254', IPv6: 'http://[fd00:ec2::254]' } as const;
/** Time limit on machines that are probably not EC2 instances, since the first export waits. */
const DOUBTFUL_LIMIT_MS = 250;
const VENDOR = '/sys/devices/virtual/dmi/id/sys_vendor';
const XEN = '/sys/hypervisor/uuid';

/**
 * Detects an EC2 instance with the instance metadata service, version 2 (with a token).
 *
 * The settings of the AWS SDKs apply: `AWS_EC2_METADATA_DISABLED`,
 * `AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
 */
export const ec2Detector: Pick<Required<Detector>, 'detectAsync' | 'isLikely'> = {
  async detectAsync(deps) {
    const { env, read } = deps;
    // Lambda and Fargate have no instance metadata: the request would only time out.
    if (env['AWS_LAMBDA_FUNCTION_NAME'] || env['AWS_EXECUTION_ENV'] === 'AWS_ECS_FARGATE')
      return {};
    if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return {};
    const vendor = await read(VENDOR);
    const xen = await read(XEN);
    const evidence = evidenceOf(env, vendor, xen);
    if (evidence === 'elsewhere') return {};
    // Containers often cannot reach the service (hop limit 1), and their platform is known.
    const isExpected = evidence === 'ec2' && !inContainer(env);
    try {
      const limitMs = isExpected ? undefined : DOUBTFUL_LIMIT_MS;
      return attributesOf(parseObject(await identityDocument(deps, limitMs)));
    } catch (error) {
      if (isExpected) throw error;
      deps.info(`EC2 metadata: ${(error as Error).message}`);
      return {};
    }
  },
  isLikely: ({ env, readNow }) =>
    evidenceOf(env, readNow(VENDOR), readNow(XEN)) === 'ec2' && !inContainer(env),
};

async function identityDocument(
  { env, fetch }: ResourceDeps,
  limitMs: number | undefined,
): Promise<string> {
  const mode = env['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE']?.toLowerCase();
  const endpoint =
    env['AWS_EC2_METADATA_SERVICE_ENDPOINT']?.replace(/\/+$/, '') ||
    (mode === 'ipv6' ? ENDPOINTS.IPv6 : ENDPOINTS.IPv4);
  const token = await fetch({
    url: `${endpoint}/latest/api/token`,
    method: 'PUT',
    limitMs,
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  // A token has printable characters only. Anything else must not be sent in a header.
  if (!/^[\x21-\x7e]{1,1024}$/.test(token)) throw new Error('the response is not a token');
  return fetch({
    url: `${endpoint}/latest/dynamic/instance-identity/document`,
    limitMs,
    headers: { 'X-aws-ec2-metadata-token': token },
  });
}

function attributesOf(
  identity: Readonly<Record<string, unknown>>,
): ReturnType<typeof withoutEmpty> {
  return withoutEmpty({
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ec2',
    'cloud.account.id': textOf(identity['accountId']),
    'cloud.region': textOf(identity['region']),
    'cloud.availability_zone': textOf(identity['availabilityZone']),
    'host.id': textOf(identity['instanceId']),
    'host.type': textOf(identity['instanceType']),
    'host.image.id': textOf(identity['imageId']),
  });
}

/**
 * Looks for local evidence of EC2. On other machines, a request to the link-local address would
 * wait for the time limit.
 */
function evidenceOf(
  env: ResourceDeps['env'],
  vendorText: string | undefined,
  xen: string | undefined,
): 'ec2' | 'elsewhere' | 'unknown' {
  const vendor = vendorText?.trim().toLowerCase();
  if (env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || vendor?.startsWith('amazon')) return 'ec2';
  if (xen?.trim().toLowerCase().startsWith('ec2')) return 'ec2';
  return vendor === undefined || vendor === 'xen' ? 'unknown' : 'elsewhere';
}

function inContainer(env: ResourceDeps['env']): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST'] || env['ECS_CONTAINER_METADATA_URI_V4']);
}
