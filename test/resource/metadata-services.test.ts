import { EventEmitter, once } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { detectResource } from '../../src/resource/index.ts';
import {
  detectWithoutLimit,
  type Routes,
  resourceDeps,
  startMetadata,
} from '../support/metadata.ts';
import {
  ECS_CONTAINER,
  ECS_EXPECTED,
  EKS_CLUSTER_INFO,
  EKS_CONTAINER_ID,
  EKS_FILES,
  ecsTask,
  IDENTITY,
  IMDS,
  IMDS_TOKEN,
} from '../support/places.ts';

const VENDOR = '/sys/devices/virtual/dmi/id/sys_vendor';
const CONTAINER_ID = 'a'.repeat(64);

/** A short time limit only where it is expected to expire. */
function limitOf(routes: Routes): { readonly requestLimitMs?: number } {
  return Object.values(routes).includes('hang') ? { requestLimitMs: 80 } : {};
}

describe('ec2', () => {
  test('requests a token, and then the identity document with it', async () => {
    await using imds = await startMetadata(IMDS, { 'x-aws-ec2-metadata-token': IMDS_TOKEN });
    const deps = resourceDeps({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: `${imds.url}/` } });
    const { initial, detectAll } = detectWithoutLimit(['ec2'], deps);
    expect(initial).toEqual({});
    expect(imds.requests).toEqual([]);
    expect(await detectAll()).toEqual({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ec2',
      'cloud.account.id': '123456789012',
      'cloud.region': 'eu-west-1',
      'cloud.availability_zone': 'eu-west-1a',
      'host.id': 'i-0123456789abcdef0',
      'host.type': 'm7g.large',
      'host.image.id': 'ami-0abcdef1234567890',
    });
    await detectAll();
    expect(imds.requests.map(({ line }) => line)).toEqual(Object.keys(IMDS));
    expect(imds.requests[0]?.headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe('60');
    expect(deps.warnings).toEqual([]);
  });

  test.for([
    {
      rule: 'the token request is rejected',
      routes: { 'PUT /latest/api/token': 403 },
      warning:
        /ec2 failed; its attributes are missing: PUT http:.*\/latest\/api\/token: status 403$/,
    },
    {
      rule: 'a token with line breaks is not sent in a header',
      routes: { 'PUT /latest/api/token': 'a\r\nb: c' },
      warning: /the response is not a token$/,
    },
    {
      rule: 'the identity document is not JSON',
      routes: { ...IMDS, 'GET /latest/dynamic/instance-identity/document': '<html>' },
      warning: /the response is not a JSON object: "<html>"$/,
    },
    {
      rule: 'the response is too long',
      routes: { ...IMDS, 'GET /latest/dynamic/instance-identity/document': 'x'.repeat(300_000) },
      warning: /the response is longer than 262144 bytes$/,
    },
    {
      rule: 'the service does not respond',
      routes: { 'PUT /latest/api/token': 'hang' as const },
      warning: /no response within 80 ms$/,
    },
  ])('logs one warning: $rule', async ({ routes, warning }) => {
    await using imds = await startMetadata(routes);
    const deps = resourceDeps({
      env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url },
      ...limitOf(routes),
    });
    expect(await detectWithoutLimit(['ec2'], deps).detectAll()).toEqual({});
    expect(deps.warnings).toEqual([expect.stringMatching(warning)]);
  });

  test.for([
    {
      where: 'on an EC2 instance',
      files: { [VENDOR]: 'Amazon EC2\n' },
      logged: { warnings: 1, informed: 0 },
    },
    { where: 'on an unknown machine', files: {}, logged: { warnings: 0, informed: 1 } },
  ])('the time limit of all detectors $where', async ({ files, logged }) => {
    const deps = resourceDeps({ files });
    const fetch = () => new Promise<string>(() => {});
    expect(await detectResource(['ec2'], { ...deps, fetch }, 10).detectAll()).toEqual({});
    const { warnings, informed } = deps;
    expect({ warnings: warnings.length, informed: informed.length }).toEqual(logged);
    expect([...warnings, ...informed]).toEqual([
      'resource detector ec2 failed; its attributes are missing: no response within 10 ms',
    ]);
  });

  test('logs one warning: the connection is refused', async () => {
    const gone = await startMetadata({});
    await gone[Symbol.asyncDispose]();
    const deps = resourceDeps({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: gone.url } });
    expect(await detectWithoutLimit(['ec2'], deps).detectAll()).toEqual({});
    expect(deps.warnings).toEqual([expect.stringMatching(/connect ECONNREFUSED/)]);
  });

  test.for([
    {
      rule: 'sends no request from a machine of another vendor',
      env: {},
      files: { [VENDOR]: 'LENOVO\n' },
      isRequested: false,
    },
    {
      rule: 'sends a request on an EC2 instance',
      env: {},
      files: { [VENDOR]: 'Amazon EC2\n' },
      isRequested: true,
    },
    {
      rule: 'sends a request on an old Xen-based EC2 instance',
      env: {},
      files: { [VENDOR]: 'Xen\n', '/sys/hypervisor/uuid': 'ec2e1916-9099-7caf\n' },
      isRequested: true,
    },
    { rule: 'sends a request if the vendor is unknown', env: {}, files: {}, isRequested: true },
    {
      rule: 'sends no request in Lambda',
      env: { AWS_LAMBDA_FUNCTION_NAME: 'f' },
      files: {},
      isRequested: false,
    },
    {
      rule: 'sends no request on Fargate',
      env: { AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' },
      files: {},
      isRequested: false,
    },
    {
      rule: 'sends no request if AWS_EC2_METADATA_DISABLED is set',
      env: { AWS_EC2_METADATA_DISABLED: 'True' },
      files: {},
      isRequested: false,
    },
  ])('$rule', async ({ env, files, isRequested }) => {
    const lines: string[] = [];
    const deps = resourceDeps({ env, files });
    const fetch = async (request: { url: string }): Promise<string> => {
      lines.push(request.url);
      return lines.length === 1 ? IMDS_TOKEN : IDENTITY;
    };
    const found = await detectWithoutLimit(['ec2'], { ...deps, fetch }).detectAll();
    expect(found['host.id']).toBe(isRequested ? 'i-0123456789abcdef0' : undefined);
    expect(lines).toEqual(
      isRequested
        ? [
            'http://169.254.169.254/latest/api/token',
            'http://169.254.169.254/latest/dynamic/instance-identity/document',
          ]
        : [],
    );
  });

  test('the IPv6 endpoint mode of the AWS SDKs is supported', async () => {
    const lines: string[] = [];
    const fetch = async (request: { url: string }): Promise<string> => {
      lines.push(request.url);
      return IMDS_TOKEN;
    };
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv6' };
    await detectWithoutLimit(['ec2'], { ...resourceDeps({ env }), fetch }).detectAll();
    expect(lines[0]).toBe('http://[fd00:ec2::254]/latest/api/token');
  });

  test.for([
    { rule: 'a machine that may not be an EC2 instance', env: {}, files: {} },
    {
      rule: 'a pod that cannot reach its host’s metadata',
      env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' },
      files: { [VENDOR]: 'Amazon EC2\n' },
    },
  ])(
    'a missing response is expected, and the time limit is short: $rule',
    async ({ env, files }) => {
      const deps = resourceDeps({ env, files });
      const limits: unknown[] = [];
      const fetch = ({ limitMs }: { limitMs?: number | undefined }): Promise<string> => {
        limits.push(limitMs);
        return Promise.reject(new Error('no response within 250 ms'));
      };
      expect(await detectWithoutLimit(['ec2'], { ...deps, fetch }).detectAll()).toEqual({});
      expect(limits).toEqual([250]);
      expect(deps.warnings).toEqual([]);
      expect(deps.informed).toEqual(['EC2 metadata: no response within 250 ms']);
    },
  );
});

describe('ecs', () => {
  test.for([
    {
      rule: 'Fargate: the cluster is an ARN',
      task: ecsTask('FARGATE', 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop'),
      launchType: 'fargate',
    },
    { rule: 'EC2: the cluster is a name', task: ecsTask('EC2', 'shop'), launchType: 'ec2' },
  ])('$rule', async ({ task, launchType }) => {
    await using ecs = await startMetadata({
      'GET /v4/abc': ECS_CONTAINER,
      'GET /v4/abc/task': task,
    });
    const env = { ECS_CONTAINER_METADATA_URI_V4: `${ecs.url}/v4/abc` };
    expect(await detectWithoutLimit(['ecs'], resourceDeps({ env })).detectAll()).toEqual({
      ...ECS_EXPECTED,
      'aws.ecs.launchtype': launchType,
    });
  });

  test('ARNs keep other partitions', async () => {
    const china = (text: string): string =>
      text.replaceAll('arn:aws:', 'arn:aws-cn:').replaceAll('eu-west-1', 'cn-north-1');
    await using ecs = await startMetadata({
      'GET /v4': china(ECS_CONTAINER),
      'GET /v4/task': china(ecsTask('EC2', 'shop')),
    });
    const env = { ECS_CONTAINER_METADATA_URI_V4: `${ecs.url}/v4` };
    expect(await detectWithoutLimit(['ecs'], resourceDeps({ env })).detectAll()).toMatchObject({
      'cloud.region': 'cn-north-1',
      'aws.ecs.cluster.arn': 'arn:aws-cn:ecs:cn-north-1:123456789012:cluster/shop',
      'aws.log.group.arns': ['arn:aws-cn:logs:cn-north-1:123456789012:log-group:/ecs/web'],
    });
  });

  test.for([
    {
      rule: 'an invalid response',
      routes: { 'GET /v4': '[]', 'GET /v4/task': 'null' },
      why: /not a JSON object/,
    },
    { rule: 'an error status', routes: { 'GET /v4': 500, 'GET /v4/task': 500 }, why: /status 500/ },
    {
      rule: 'no response',
      routes: { 'GET /v4': 'hang', 'GET /v4/task': 'hang' },
      why: /no response/,
    },
  ] as const)('$rule leaves what the environment tells, and one line', async ({ routes, why }) => {
    await using ecs = await startMetadata(routes);
    const env = { ECS_CONTAINER_METADATA_URI_V4: `${ecs.url}/v4` };
    const deps = resourceDeps({ env, ...limitOf(routes) });
    expect(await detectWithoutLimit(['ecs'], deps).detectAll()).toEqual({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'container.name': 'host-1',
    });
    expect(deps.warnings).toEqual([expect.stringMatching(why)]);
  });

  test('fields of the wrong type are omitted', async () => {
    await using ecs = await startMetadata({
      'GET /v4': '{"DockerId":5,"LogDriver":"awslogs","LogOptions":null,"Image":[]}',
      'GET /v4/task': '{"TaskARN":{},"Cluster":7,"LaunchType":null}',
    });
    const env = { ECS_CONTAINER_METADATA_URI_V4: `${ecs.url}/v4` };
    const deps = resourceDeps({ env });
    expect(await detectWithoutLimit(['ecs'], deps).detectAll()).toEqual({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'container.name': 'host-1',
    });
    expect(deps.warnings).toEqual([]);
  });
});

describe('eks', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.100.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const known = {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_eks',
    'cloud.region': 'eu-west-1',
    'k8s.pod.name': 'host-1',
    'k8s.namespace.name': 'shop',
    'container.id': EKS_CONTAINER_ID,
  };

  test('the cluster name is read from the config map of Container Insights', async () => {
    const requests: unknown[] = [];
    const fetch = async (request: unknown): Promise<string> => {
      requests.push(request);
      return '{"data":{"cluster.name":"prod","logs.region":"eu-west-1"}}';
    };
    const deps = resourceDeps({
      env,
      files: {
        ...EKS_FILES,
        '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt': 'PEM',
      },
    });
    expect(await detectWithoutLimit(['eks'], { ...deps, fetch }).detectAll()).toEqual({
      ...known,
      'k8s.cluster.name': 'prod',
    });
    expect(requests).toEqual([
      {
        url: `https://10.100.0.1:443${EKS_CLUSTER_INFO}`,
        headers: { Authorization: expect.stringMatching(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/) },
        ca: 'PEM',
      },
    ]);
  });

  test('without permission to read it, one warning names the variable to set', async () => {
    const deps = resourceDeps({ env, files: EKS_FILES });
    const fetch = (): Promise<string> => Promise.reject(new Error('status 403'));
    expect(await detectWithoutLimit(['eks'], { ...deps, fetch }).detectAll()).toEqual(known);
    expect(deps.warnings).toEqual([
      'EKS: the cluster name could not be read (status 403); ' +
        'set OTEL_RESOURCE_ATTRIBUTES=k8s.cluster.name=NAME',
    ]);
  });

  test('a cluster name in the environment is not requested', async () => {
    const deps = resourceDeps({
      env: { ...env, OTEL_RESOURCE_ATTRIBUTES: 'a=b, k8s.cluster.name=prod' },
      files: EKS_FILES,
    });
    const fetch = (): Promise<string> => Promise.reject(new Error('unexpected request'));
    expect(await detectWithoutLimit(['env', 'eks'], { ...deps, fetch }).detectAll()).toEqual({
      ...known,
      a: 'b',
      'k8s.cluster.name': 'prod',
    });
    expect(deps.warnings).toEqual([]);
  });
});

describe('container', () => {
  test.for([
    { form: 'docker, cgroup 1', cgroup: `12:cpu:/docker/${CONTAINER_ID}`, id: CONTAINER_ID },
    {
      form: 'systemd scope',
      cgroup: `0::/system.slice/docker-${CONTAINER_ID}.scope`,
      id: CONTAINER_ID,
    },
    {
      form: 'containerd',
      cgroup: `1:name=systemd:/kubepods.slice/pod1.slice/cri-containerd-${CONTAINER_ID}.scope`,
      id: CONTAINER_ID,
    },
    {
      form: 'containerd 1.5, after a colon',
      cgroup: `0::/kubepods/pod1/k8s.io:cri-containerd:${CONTAINER_ID}`,
      id: CONTAINER_ID,
    },
    {
      form: 'Fargate',
      cgroup: '1:cpu:/ecs/158d/158d1c8083dd49d6b527399fd6414f5c-2495160603',
      id: '158d1c8083dd49d6b527399fd6414f5c-2495160603',
    },
    {
      form: 'docker, cgroup 2',
      cgroup: '0::/',
      mounts: `9 8 8:1 /var/lib/docker/containers/${CONTAINER_ID}/hostname /etc/hostname rw - ext4 x rw`,
      id: CONTAINER_ID,
    },
    {
      form: 'podman, cgroup 2',
      cgroup: '0::/',
      mounts: `9 8 8:1 /containers/storage/overlay-containers/${CONTAINER_ID}/userdata/hostname /etc/hostname rw - tmpfs x rw`,
      id: CONTAINER_ID,
    },
    {
      form: 'no container',
      cgroup: '0::/user.slice/user-1000.slice/session-1.scope',
      id: undefined,
    },
  ])('$form', async ({ cgroup, mounts = '', id }) => {
    const files = { '/proc/self/cgroup': `${cgroup}\n`, '/proc/self/mountinfo': `${mounts}\n` };
    const found = await detectWithoutLimit(['container'], resourceDeps({ files })).detectAll();
    expect(found).toEqual(id === undefined ? {} : { 'container.id': id });
  });
});

describe('together', () => {
  test('a task on an EC2 instance is ECS and has the instance attributes; the environment has priority', async () => {
    await using imds = await startMetadata(IMDS);
    await using ecs = await startMetadata({
      'GET /v4': ECS_CONTAINER,
      'GET /v4/task': ecsTask('EC2', 'shop'),
    });
    const env = {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url,
      ECS_CONTAINER_METADATA_URI_V4: `${ecs.url}/v4`,
      OTEL_RESOURCE_ATTRIBUTES: 'cloud.region=mars-1',
      OTEL_SERVICE_NAME: 'checkout',
    };
    expect(await detectWithoutLimit(['env', 'aws'], resourceDeps({ env })).detectAll()).toEqual({
      ...ECS_EXPECTED,
      'aws.ecs.launchtype': 'ec2',
      'host.id': 'i-0123456789abcdef0',
      'host.type': 'm7g.large',
      'host.image.id': 'ami-0abcdef1234567890',
      'cloud.region': 'mars-1',
      'service.name': 'checkout',
    });
  });

  test('if one detector does not respond in time, the results of the others are kept', async () => {
    await using ecs = await startMetadata({
      'GET /v4': ECS_CONTAINER,
      'GET /v4/task': ecsTask('EC2', 'shop'),
    });
    const deps = resourceDeps({ env: { ECS_CONTAINER_METADATA_URI_V4: `${ecs.url}/v4` } });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const responses = new EventEmitter();
    // A request that does not time out by itself, for example during a DNS lookup.
    const fetch: typeof deps.fetch = async (request) => {
      if (request.url.endsWith('/token')) return new Promise(() => {});
      const text = await deps.fetch(request);
      responses.emit(new URL(request.url).pathname);
      return text;
    };
    const both = Promise.all(['/v4', '/v4/task'].map((path) => once(responses, path)));
    const found = detectResource(['aws'], { ...deps, fetch }, 1_000).detectAll();
    await both;
    await new Promise(setImmediate);
    vi.advanceTimersByTime(1_000);
    expect(await found).toEqual({
      ...ECS_EXPECTED,
      'aws.ecs.launchtype': 'ec2',
    });
    // In a container, the metadata service of EC2 is often out of reach.
    expect(deps.warnings).toEqual([]);
    expect(deps.informed).toEqual([
      'resource detector ec2 failed; its attributes are missing: no response within 1000 ms',
    ]);
  });
});
