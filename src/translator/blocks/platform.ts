import { type AttributeReader, names } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { ResourceParts, ResourceText } from '../context/resource.ts';
import type { AwsBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import type { SpanAttributes } from '../span.ts';
import { integerOf, isBlank, truncate } from '../values/text.ts';
import { isAccountId } from './aws.ts';

const NAMES = {
  samplingRule: names('aws.xray.sampling_rule', 'aws.xray.sampling_rule_name'),
} as const;

type Fields = Readonly<Record<string, string>>;

/** Field of the block → resource attribute. */
const EC2: Fields = {
  instance_id: 'host.id',
  availability_zone: 'cloud.availability_zone',
  instance_size: 'host.type',
  ami_id: 'host.image.id',
};
const ECS: Fields = {
  container: 'container.name',
  container_id: 'container.id',
  availability_zone: 'cloud.availability_zone',
  container_arn: 'aws.ecs.container.arn',
  cluster_arn: 'aws.ecs.cluster.arn',
  task_arn: 'aws.ecs.task.arn',
  task_family: 'aws.ecs.task.family',
  launch_type: 'aws.ecs.launchtype',
};
const BEANSTALK: Fields = {
  environment_name: 'service.namespace',
  version_label: 'service.version',
};

/**
 * Returns the platform fields of a segment's `aws` block, with the sampling rule that the sampler
 * set on the root span (B-38).
 *
 * @param resource `undefined` on subsegments, which do not show where the app runs
 */
export function platformFields(
  reader: AttributeReader,
  resource: ResourceParts | undefined,
): AwsBlock | undefined {
  const rule = reader.peekText(NAMES.samplingRule);
  if (rule === undefined) return resource?.platform;
  reader.consumeEqual(NAMES.samplingRule, rule);
  return resource?.platformWithRule(reader.truncate(rule, LIMITS.short, NAMES.samplingRule));
}

/**
 * Returns the fields of the `aws` block that tell where the app runs and which SDK traces it
 * (docs/spec/translation.md section 5.2).
 */
export function platformBlock(
  attributes: SpanAttributes,
  text: ResourceText,
  settings: Settings,
): AwsBlock | undefined {
  const platform = text('cloud.platform');
  const account = text('cloud.account.id');
  const block: AwsBlock = {
    account_id: account !== undefined && isAccountId(account) ? account : undefined,
    ec2: isEc2(text, platform) ? fieldsOf(EC2, text) : undefined,
    ecs: platform === 'aws_ecs' ? fieldsOf(ECS, text) : undefined,
    eks: eksFields(text, platform),
    elastic_beanstalk: beanstalkFields(text, platform),
    cloudwatch_logs: logGroups(attributes, settings),
    xray: xrayFields(text),
  };
  return Object.values(block).some((value) => value !== undefined) ? block : undefined;
}

/** A host id alone may be any machine id; `i-…` is the form of EC2. */
function isEc2(text: ResourceText, platform: string | undefined): boolean {
  if (platform === 'aws_ec2') return true;
  const host = text('host.id');
  return host !== undefined && (text('cloud.provider') === 'aws' || /^i-[0-9a-f]+$/.test(host));
}

function eksFields(
  text: ResourceText,
  platform: string | undefined,
): Readonly<Record<string, string>> | undefined {
  if (platform !== 'aws_eks' && text('k8s.cluster.name') === undefined) return undefined;
  const pod = text('k8s.pod.name') === undefined ? 'k8s.pod.uid' : 'k8s.pod.name';
  return fieldsOf({ cluster_name: 'k8s.cluster.name', pod, container_id: 'container.id' }, text);
}

function beanstalkFields(
  text: ResourceText,
  platform: string | undefined,
): Readonly<Record<string, string | number>> | undefined {
  const instance = text('service.instance.id');
  if (platform !== 'aws_elastic_beanstalk' || instance === undefined) return undefined;
  const deployment = integerOf(instance);
  const fields = fieldsOf(BEANSTALK, text);
  if (deployment === undefined || deployment < 0) return fields;
  return { ...fields, deployment_id: deployment };
}

function fieldsOf(
  fields: Fields,
  text: ResourceText,
): Readonly<Record<string, string>> | undefined {
  const found: [string, string][] = [];
  for (const [field, key] of Object.entries(fields)) {
    const value = text(key);
    if (value !== undefined) found.push([field, truncate(value, LIMITS.short)]);
  }
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

type LogGroup = { readonly log_group: string; readonly arn?: string | undefined };

function logGroups(
  attributes: SpanAttributes,
  settings: Settings,
): readonly LogGroup[] | undefined {
  const arns = listOf(attributes['aws.log.group.arns']).map((arn) => ({
    log_group: groupOfArn(arn),
    arn: truncate(arn, LIMITS.url),
  }));
  if (arns.length > 0) return arns;
  const named = listOf(attributes['aws.log.group.names']);
  const names = named.length > 0 ? named : listOf(settings.logGroupNames);
  if (names.length === 0) return undefined;
  return names.map((name) => ({ log_group: truncate(name, LIMITS.logGroup) }));
}

/** Returns the seventh part of the ARN, or the text if it has fewer parts. */
function groupOfArn(arn: string): string {
  return truncate(arn.split(':')[6] || arn, LIMITS.logGroup);
}

/** Returns the items of an array, or of a text separated by `&`, without blanks and other types. */
function listOf(value: unknown): string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items
    .flatMap((item) => (typeof item === 'string' ? item.split('&') : []))
    .map((item) => item.trim())
    .filter((item) => !isBlank(item));
}

function xrayFields(text: ResourceText): AwsBlock['xray'] {
  const name = text('telemetry.sdk.name');
  const language = text('telemetry.sdk.language');
  const distro = text('telemetry.distro.version') ?? text('telemetry.auto.version');
  const packageName = text('telemetry.distro.name');
  const version = text('telemetry.sdk.version');
  return {
    sdk:
      name === undefined
        ? undefined
        : truncate(language === undefined ? name : `${name} for ${language}`, LIMITS.short),
    sdk_version: version === undefined ? undefined : truncate(version, LIMITS.short),
    package: packageName === undefined ? undefined : truncate(packageName, LIMITS.short),
    auto_instrumentation: distro !== undefined,
  };
}
