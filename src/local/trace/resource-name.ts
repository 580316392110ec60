/** `https://sqs.eu-west-1.amazonaws.com/123456789012/orders`, LocalStack's and ElasticMQ's included. */
const QUEUE_URL = /^https?:\/\/[^/]+\/(?:\d{12}|queue)\/([^/?#]+)\/?$/i;
/** The last part of an ARN, after partition, service, region and account. */
const ARN = /^arn:[^:]*:([^:]*):[^:]*:[^:]*:(.+)$/;
/** Resource types that precede the name: `function:name`, `table/name`, `stateMachine:name`. */
const TYPED = /^[a-z][a-z-]*[:/]([^:/]+)/i;

/**
 * Returns the name of an AWS resource for display: the queue of a queue URL, the topic, function,
 * table or bucket of an ARN. Any other text is returned unchanged.
 */
export function resourceName(text: string): string {
  const queue = QUEUE_URL.exec(text)?.[1];
  if (queue !== undefined) return queue;
  const [, service, resource] = ARN.exec(text) ?? [];
  if (resource === undefined) return text;
  if (service === 's3') return resource.split('/')[0] as string;
  return TYPED.exec(resource)?.[1] ?? resource;
}
