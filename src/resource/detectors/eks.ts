import type { Detector, ResourceDeps } from '../detector.ts';
import { parseObject, textOf, withoutEmpty } from '../detector.ts';
import { containerId } from './container.ts';
import { envDetector } from './env.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const CLUSTER_INFO = '/api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info';
/** The issuer of service account tokens in EKS names the region. */
const EKS_ISSUER = /^https:\/\/oidc[.-]eks[.-]([a-z0-9-]+)\./;

/**
 * Amazon EKS.
 *
 * That the cluster is one of EKS is read from the issuer in the pod's own service account token:
 * no request, and no right in the cluster is needed (the OpenTelemetry project's detector reads the
 * config map `aws-auth`, which pods usually may not). The cluster's name stands in no place a pod
 * can always read: the environment, or Container Insights' config map `cluster-info`.
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
  // The attribute of the user would override the result.
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
      `EKS: the cluster's name is not known (${(error as Error).message}); ` +
        'set OTEL_RESOURCE_ATTRIBUTES=k8s.cluster.name=…',
    );
    return undefined;
  }
}
