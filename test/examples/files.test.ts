import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import {
  awsInput,
  composeFile,
  hasCommand,
  manifests,
  template,
  units,
  type Verdict,
} from '../support/checkers.ts';
import { startWithClient } from '../support/local-xray.ts';
import { hasPython } from '../support/python.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');
const FOLDERS = [
  'app-runner',
  'docker-compose',
  'ec2-systemd',
  'ecs-fargate',
  'eks',
  'elastic-beanstalk',
  'lambda-sam',
  'xray',
];
const scratch = mkdtempSync(join(tmpdir(), 'otel-xray-examples-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function text(name: string): string {
  return readFileSync(join(EXAMPLES, name), 'utf8');
}

/** Writes a copy of the file with replacements to a new folder; every replacement must match. */
function copy(name: string, ...changes: readonly (readonly [from: string, to: string])[]): string {
  let changed = text(name);
  for (const [from, to] of changes) {
    if (!changed.includes(from)) throw new Error(`${name} has no ${from}`);
    changed = changed.replaceAll(from, to);
  }
  const file = join(mkdtempSync(join(scratch, 'x-')), name.slice(name.lastIndexOf('/') + 1));
  writeFileSync(file, changed);
  return file;
}

/** Wraps an IAM policy in a template, so that the linter checks it. */
function policyTemplate(policy: unknown): string {
  const file = join(mkdtempSync(join(scratch, 'x-')), 'template.json');
  const Policy = {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { PolicyDocument: policy },
  };
  writeFileSync(file, JSON.stringify({ Resources: { Policy } }));
  return file;
}

function beanstalkOptions(file: string): object[] {
  const settings = parse(file).option_settings as Record<string, Record<string, unknown>>;
  return Object.entries(settings).flatMap(([Namespace, options]) =>
    Object.entries(options).map(([OptionName, value]) => ({
      Namespace,
      OptionName,
      Value: String(value),
    })),
  );
}

interface Check {
  readonly name: string;
  readonly check: () => Verdict;
  /** The same with a mistake, and the expected message. */
  readonly broken: () => Verdict;
  readonly mistake: RegExp;
}

describe.runIf(hasPython())('validated by the tools of their services', () => {
  test.for<Check>([
    {
      name: 'IAM policy',
      check: () => template(policyTemplate(JSON.parse(text('xray/iam-policy.json')))),
      broken: () => {
        const policy = text('xray/iam-policy.json').replace('"Allow"', '"Permit"');
        return template(policyTemplate(JSON.parse(policy)));
      },
      mistake: /'Permit' is not one of/,
    },
    {
      name: 'sampling rule',
      check: () =>
        awsInput(JSON.parse(text('xray/sampling-rule.json')), 'xray', 'CreateSamplingRule'),
      broken: () =>
        awsInput(
          JSON.parse(text('xray/sampling-rule.json').replace('0.1', '"0.1"')),
          'xray',
          'CreateSamplingRule',
        ),
      mistake: /Invalid type for parameter SamplingRule.FixedRate/,
    },
    {
      name: 'group',
      check: () => awsInput(JSON.parse(text('xray/group.json')), 'xray', 'CreateGroup'),
      broken: () => awsInput({ Group: 'x' }, 'xray', 'CreateGroup'),
      mistake: /Missing required parameter in input: "GroupName"/,
    },
    {
      name: 'ECS task definition',
      check: () =>
        awsInput(
          JSON.parse(text('ecs-fargate/task-definition.json')),
          'ecs',
          'RegisterTaskDefinition',
        ),
      broken: () =>
        awsInput(
          JSON.parse(text('ecs-fargate/task-definition.json').replace('"portMappings"', '"ports"')),
          'ecs',
          'RegisterTaskDefinition',
        ),
      mistake: /Unknown parameter in containerDefinitions\[0\]: "ports"/,
    },
    {
      name: 'Elastic Beanstalk options',
      check: () =>
        awsInput(
          beanstalkOptions(text('elastic-beanstalk/.ebextensions/xray.config')),
          ...['elasticbeanstalk', 'CreateEnvironment', 'OptionSettings'],
        ),
      broken: () =>
        awsInput(
          [{ Name: 'XRayEnabled' }],
          ...['elasticbeanstalk', 'CreateEnvironment', 'OptionSettings'],
        ),
      mistake: /Unknown parameter/,
    },
    {
      name: 'SAM template',
      check: () => template(join(EXAMPLES, 'lambda-sam/template.yaml')),
      broken: () => template(copy('lambda-sam/template.yaml', ['Tracing: Active', 'Tracing: On'])),
      mistake: /is not one of \['Active', 'PassThrough', 'Disabled'\]/,
    },
    {
      name: 'App Runner template',
      check: () => template(join(EXAMPLES, 'app-runner/template.yaml')),
      broken: () =>
        template(copy('app-runner/template.yaml', ['ImageRepositoryType: ECR', 'ImageType: ECR'])),
      mistake: /'ImageType' was unexpected/,
    },
    {
      name: 'compose file',
      check: () => composeFile(join(EXAMPLES, 'docker-compose/compose.yaml')),
      broken: () => composeFile(copy('docker-compose/compose.yaml', ['expose:', 'exposes:'])),
      mistake: /exposes/,
    },
    {
      name: 'DaemonSet of the daemon',
      check: () => manifests(join(EXAMPLES, 'eks/xray-daemon.yaml')),
      broken: () => manifests(copy('eks/xray-daemon.yaml', ['hostPort: 2000', 'hostPort: "2000"'])),
      mistake: /hostPort/,
    },
    {
      name: 'Deployment of the app',
      check: () => manifests(join(EXAMPLES, 'eks/app.yaml')),
      broken: () => manifests(copy('eks/app.yaml', ['fieldPath:', 'path:'])),
      mistake: /fieldPath/,
    },
  ])('$name', ({ check, broken, mistake }) => {
    expect(check()).toMatchObject({ ok: true });
    const verdict = broken();
    expect(verdict.output).toMatch(mistake);
    expect(verdict.ok).toBe(false);
  });
});

describe.runIf(hasCommand('systemd-analyze'))('systemd', () => {
  const program = ['/usr/local/bin/xray', process.execPath] as const;
  const node = ['/usr/bin/node', process.execPath] as const;

  test('the units are valid', () => {
    const verdict = units(
      copy('ec2-systemd/xray.service', program),
      copy('ec2-systemd/shop.service', node),
    );
    expect(verdict).toEqual({ ok: true, output: '' });
  });

  test('systemd-analyze reports a mistake in a unit', () => {
    const verdict = units(copy('ec2-systemd/shop.service', node, ['Restart=', 'Restrt=']));
    expect(verdict.output).toMatch(/Unknown key.* 'Restrt'/);
    expect(verdict.ok).toBe(false);
  });
});

test('X-Ray accepts the sampling rule and the group, and they match as described', async () => {
  await using local = await startWithClient();
  const { client } = local;
  await client.createSamplingRule(JSON.parse(text('xray/sampling-rule.json')));
  await client.createGroup(JSON.parse(text('xray/group.json')));
  const { SamplingRuleRecords = [] } = await client.getSamplingRules({});
  expect(SamplingRuleRecords.map((record) => record.SamplingRule?.RuleName)).toEqual([
    'shop-orders',
    'Default',
  ]);
  const { Group } = await client.getGroup({ GroupName: 'shop-slow-or-broken' });
  const now = Date.now() / 1_000;
  const segment = (number: number, extra: object): string =>
    JSON.stringify({
      name: 'shop',
      id: `000000000000000${number}`,
      trace_id: `1-${Math.floor(now).toString(16)}-00000000000000000000000${number}`,
      start_time: now - 5,
      end_time: now - 4.9,
      ...extra,
    });
  await client.putTraceSegments({
    TraceSegmentDocuments: [
      segment(1, {}),
      segment(2, { fault: true }),
      segment(3, { end_time: now - 1 }),
      segment(4, { name: 'other', fault: true }),
    ],
  });
  const { TraceSummaries = [] } = await client.getTraceSummaries({
    StartTime: new Date((now - 60) * 1_000),
    EndTime: new Date((now + 60) * 1_000),
    FilterExpression: Group?.FilterExpression,
  });
  expect(TraceSummaries.map(({ Id }) => Id?.at(-1)).sort()).toEqual(['2', '3']);
});

describe('required content', () => {
  test('the ECS sidecar maps both protocols', () => {
    const { containerDefinitions } = JSON.parse(text('ecs-fargate/task-definition.json'));
    expect(containerDefinitions[0].portMappings).toEqual([
      { containerPort: 2000, protocol: 'udp' },
      { containerPort: 2000, protocol: 'tcp' },
    ]);
  });

  test('the DaemonSet maps both protocols on the node', () => {
    const documents = parseAllDocuments(text('eks/xray-daemon.yaml')).map((each) => each.toJS());
    const { spec } = documents.find(({ kind }) => kind === 'DaemonSet');
    expect(
      spec.template.spec.containers[0].ports.map(
        ({ hostPort, protocol }: Record<string, unknown>) => `${hostPort} ${protocol}`,
      ),
    ).toEqual(['2000 UDP', '2000 TCP']);
  });

  test('the policy allows exactly the calls of daemon and sampler', () => {
    expect(JSON.parse(text('xray/iam-policy.json')).Statement[0].Action.sort()).toEqual([
      'xray:GetSamplingRules',
      'xray:GetSamplingStatisticSummaries',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  test('the table lists every folder, and every link is valid', () => {
    for (const file of ['README.md', ...FOLDERS.map((folder) => `${folder}/README.md`)]) {
      const here = dirname(join(EXAMPLES, file));
      const links = [...text(file).matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link);
      const missing = links.filter(
        (link) => !link.includes('://') && !existsSync(resolve(here, link)),
      );
      expect([file, missing]).toEqual([file, []]);
    }
    const linked = [...text('README.md').matchAll(/\]\(([\w-]+)\)/g)].map(([, link]) => link);
    expect(linked.sort()).toEqual(FOLDERS);
    const folders = readdirSync(EXAMPLES, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(EXAMPLES, entry.name, 'README.md')))
      .map(({ name }) => name);
    expect(folders.sort()).toEqual(FOLDERS);
  });

  test.for(
    ['app-runner', 'docker-compose/front', 'docker-compose/stock', 'ecs-fargate', 'eks'].map(
      (folder) => ({ folder }),
    ),
  )('$folder/Dockerfile copies existing files', ({ folder }) => {
    const copied = [...text(`${folder}/Dockerfile`).matchAll(/^COPY (?!--)(.+) \.\/$/gm)].flatMap(
      ([, names = '']) => names.split(' '),
    );
    expect(copied).toContain('package.json');
    expect(copied.filter((name) => !existsSync(join(EXAMPLES, folder, name)))).toEqual([]);
  });
});
