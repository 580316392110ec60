import { expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';
import {
  isMetadataCall,
  isMetadataOrigin,
  metadataOrigins,
} from '../../../src/instrumentation/http/metadata-calls.ts';
import { startFakeDaemon } from '../../support/fake-daemon.ts';
import { run } from '../../support/run.ts';

test.for([
  { rule: 'EC2', options: { hostname: '169.254.169.254' }, is: true },
  { rule: 'EC2 over IPv6', options: { hostname: 'fd00:ec2::254', port: 80 }, is: true },
  { rule: 'EC2 over IPv6, in brackets', options: { host: '[fd00:ec2::254]' }, is: true },
  { rule: 'ECS', options: { protocol: 'http:', host: '169.254.170.2', port: '80' }, is: true },
  { rule: 'EKS', options: { hostname: '169.254.170.23', port: null }, is: true },
  { rule: 'another cloud', options: { hostname: 'metadata.google.internal' }, is: true },
  { rule: 'another port', options: { hostname: '169.254.169.254', port: 8080 }, is: false },
  { rule: 'https', options: { protocol: 'https:', hostname: '169.254.169.254' }, is: false },
  { rule: 'another host', options: { hostname: 'api.example.com' }, is: false },
  { rule: 'no host', options: {}, is: false },
])('the address of $rule is that of a metadata service: $is', ({ options, is }) => {
  expect(isMetadataCall(options)).toBe(is);
});

test.for([
  ['http://169.254.169.254', true],
  ['http://[fd00:ec2::23]', true],
  ['http://169.254.1.1', false],
] as const)('fetch: the origin %s is that of a metadata service: %s', ([origin, is]) => {
  expect(isMetadataOrigin(origin)).toBe(is);
});

test.for([
  [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://imds.local:1338/' }, ['http://imds.local:1338']],
  [{ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'https://creds/role?a=1' }, ['https://creds']],
  [{ AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' }, ['http://127.0.0.1:9001']],
  [{ AWS_LAMBDA_RUNTIME_API: '', ECS_CONTAINER_METADATA_URI: 'http://[' }, []],
] as const)('the variables %j name %j', ([env, origins]) => {
  const usual = metadataOrigins({});
  expect([...metadataOrigins(env)].filter((origin) => !usual.has(origin))).toEqual(origins);
});

/** Calls a server and a metadata service inside a span, with `http`, `fetch` and the AWS SDK. */
const PROGRAM = `
  import { createServer, get } from 'node:http';
  import { once } from 'node:events';
  import { S3Client, ListBucketsCommand } from '@aws-sdk/client-s3';
  import { trace } from '@opentelemetry/api';
  const answers = {
    '/latest/api/token': 'TOKEN',
    '/latest/meta-data/iam/security-credentials/': 'role',
    '/latest/meta-data/iam/security-credentials/role': JSON.stringify({
      AccessKeyId: 'a', SecretAccessKey: 's', Token: 't', Expiration: '2099-01-01T00:00:00Z',
    }),
    '/latest/meta-data/placement/region': 'eu-west-1',
  };
  const paths = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    response.end(answers[request.url] ?? '<ListAllMyBucketsResult/>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const service = \`http://127.0.0.1:\${port}\`;
  process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = service;
  const work = async (span) => {
    const [response] = await once(get(service + '/latest/api/token'), 'response');
    await response.resume().toArray();
    await (await fetch(service + '/latest/api/token')).text();
    const region = async () => (await fetch(service + '/latest/meta-data/placement/region')).text();
    // Another name of the same server is no metadata service.
    const client = new S3Client({ endpoint: \`http://localhost:\${port}\`, forcePathStyle: true, region });
    await client.send(new ListBucketsCommand({}));
    await (await fetch(\`http://localhost:\${port}/items\`)).text();
    span.end();
  };
  await trace.getTracer('test').startActiveSpan('work', work);
  server.close();
  server.closeAllConnections();
  console.log(paths.filter((path) => path.includes('security-credentials')).length);
`;

test('calls of a metadata service have no subsegments', async () => {
  await using daemon = await startFakeDaemon();
  const end = await run(
    ['--import', './dist/register.cjs', '--input-type=module', '--eval', PROGRAM],
    {
      cwd: root,
      env: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        OTEL_SERVICE_NAME: 'shop',
        OTEL_TRACES_SAMPLER: 'always_on',
        OTEL_NODE_RESOURCE_DETECTORS: 'none',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    },
  );
  expect(end).toMatchObject({ code: 0, stdout: '2\n', stderr: '' });
  await daemon.drained();
  const subsegments = daemon.flat().filter(({ type }) => type === 'subsegment');
  expect(subsegments.map(({ name, aws }) => aws?.operation ?? name).sort()).toEqual([
    'ListBuckets',
    'localhost',
  ]);
});
