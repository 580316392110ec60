import { launchType, platformType } from '../../aws-resource-types.ts';
import { type AttributeReader, names } from '../context/attributes.ts';
import type { ResourceText } from '../context/resource.ts';
import type { TranslationContext } from '../context/translation-context.ts';
import type { Origin } from '../document.ts';

const NAMES = { resourceArn: names('aws.xray.resource_arn') } as const;

/**
 * Returns the type of AWS resource that the app runs on (docs/spec/translation.md section 5.3).
 *
 * Lambda itself sends the segment of a function, so `aws_lambda` has no origin here (B-08).
 */
export function resourceOrigin(text: ResourceText): Origin | undefined {
  const platform = text('cloud.platform');
  const launch = platform === 'aws_ecs' ? launchType(text('aws.ecs.launchtype')) : undefined;
  return launch ?? (platform === 'aws_lambda' ? undefined : platformType(platform));
}

/** Returns the `origin` of a segment. */
export function segmentOrigin({ resource, settings }: TranslationContext): Origin | undefined {
  return settings.lambda?.root === 'segment' ? 'AWS::Lambda::Function' : resource.origin;
}

/** Returns the `resource_arn` of a segment: the ARN of the AWS resource that the app runs on. */
export function resourceArn(reader: AttributeReader): string | undefined {
  const arn = reader.peekText(NAMES.resourceArn);
  if (arn === undefined || !/^arn:\S{1,2044}$/.test(arn)) return undefined;
  reader.consumeEqual(NAMES.resourceArn, arn);
  return arn;
}
