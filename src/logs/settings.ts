/**
 * Reads `OTEL_XRAY_LOG_FIELD`: the name of the field, or `none` to leave log lines alone.
 *
 * @throws {TypeError} when the name would need quoting in CloudWatch Logs Insights; the message
 *   quotes it
 */
export function parseLogField(text: string): string | undefined {
  const field = text.trim();
  if (field.toLowerCase() === 'none') return undefined;
  if (/^[A-Za-z_@][\w.@]*$/.test(field)) return field;
  throw new TypeError(
    `no log field: ${JSON.stringify(text)}; expected letters, digits, _ and ., or none`,
  );
}

/**
 * Reads `OTEL_XRAY_LOG_GROUP`: names or ARNs of the CloudWatch log groups that hold the app's
 * lines, with commas between. They become `aws.cloudwatch_logs`, which is where the console looks
 * for the lines of a trace.
 *
 * @throws {TypeError} when an item is no name of a log group; the message quotes it
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
 */
export function parseLogGroups(text: string): readonly string[] {
  const groups = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  for (const group of groups) {
    const name = /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)(?::\*)?$/.exec(group)?.[1] ?? group;
    if (!/^[\w./#-]{1,512}$/.test(name)) {
      throw new TypeError(`no log group: ${JSON.stringify(group)}`);
    }
  }
  return groups;
}
