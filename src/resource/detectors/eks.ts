import type { Detector, ResourceDeps } from '../detector.ts';
import { parseObject, textOf, withoutEmpty } from '../detector.ts';
import { containerId } from './container.ts';
import { envDetector } from './env.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const CLUSTER_INFO = '/api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info';
/** The issuer of service account tokens in EKS, which contains the region. */
const EKS_ISSUER = /^https:\/\/oidc[.-]eks[.-]([a-z0-9-]+)\./;

/**
 * Amazon EKS.
 *
 * EKS is detected by the issuer of the pod's service account token. This needs no request and no
 * permissions in the cluster. (The detector of the OpenTelemetry project reads the config map
 * `aws-auth`, which pods are usually not allowed to read.) The cluster name is read from the
 * environment, or from the config map `cluster-info` of Container Insights, if it is accessible.
 */
export const eksDetector: Detector = {
  detect(deps) {
    const issued = issuerOf(deps);
    if (issued === undefined) return {};
    return withoutEmpty({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_eks',
      'cloud.region': issued.region,
      'k8s.pod.name': deps.system.hostname,
      'k8s.namespace.name': deps.readNow(`${ACCOUNT}/namespace`)?.trim(),
    });
  },
  async detectAsync(deps) {
    const issued = issuerOf(deps);
    if (issued === undefined) return {};
    const [id, name] = await Promise.all([containerId(deps), clusterName(deps, issued.token)]);
    return withoutEmpty({ 'container.id': id, 'k8s.cluster.name': name });
  },
};

function issuerOf(deps: ResourceDeps): { token: string; region: string } | undefined {
  if (!deps.env['KUBERNETES_SERVICE_HOST']) return undefined;
  const token = deps.readNow(`${ACCOUNT}/token`)?.trim();
  if (!token) return undefined;
  try {
    const claims = parseObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const region = EKS_ISSUER.exec(textOf(claims['iss']) ?? '')?.[1];
    return region === undefined ? undefined : { token, region };
  } catch {
    return undefined;
  }
}

async function clusterName(deps: ResourceDeps, token: string): Promise<string | undefined> {
  const { env } = deps;
  // The configured attribute overrides the result, so no request is needed.
  if (envDetector.detect?.(deps)['k8s.cluster.name'] !== undefined) return undefined;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const authority = host.includes(':') ? `[${host}]` : host;
  try {
    const body = await deps.fetch({
      url: `https://${authority}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}${CLUSTER_INFO}`,
      headers: { Authorization: `Bearer ${token}` },
      ca: await deps.read(`${ACCOUNT}/ca.crt`),
    });
    const data = parseObject(body)['data'] as Readonly<Record<string, unknown>> | undefined;
    return textOf(data?.['cluster.name']);
  } catch (error) {
    deps.warn(
      `EKS: the cluster name could not be read (${(error as Error).message}); ` +
        'set OTEL_RESOURCE_ATTRIBUTES=k8s.cluster.name=NAME',
    );
    return undefined;
  }
}
