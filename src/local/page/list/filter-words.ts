type Operators = readonly (readonly [text: string, about: string])[];

const EQUAL: Operators = [
  ['=', 'is'],
  ['!=', 'is not'],
];
const ORDER: Operators = [
  ['<', 'less than'],
  ['<=', 'at most'],
  ['>', 'more than'],
  ['>=', 'at least'],
];
const TEXT: Operators = [
  ['CONTAINS', 'contains'],
  ['BEGINSWITH', 'begins with'],
  ['ENDSWITH', 'ends with'],
];

/** Operators that a keyword of each type takes (docs/spec/xray-api.md section 4.1). */
export const OPERATORS: Readonly<
  Record<'boolean' | 'number' | 'string' | 'annotation', Operators>
> = {
  boolean: EQUAL,
  number: [...EQUAL, ...ORDER],
  string: [...EQUAL, ...TEXT],
  annotation: [...EQUAL, ...ORDER, ...TEXT],
};

/** Description of each keyword. */
export const FIELD_NOTES: Readonly<Record<string, string>> = {
  ok: 'no error, fault or throttle',
  error: 'client error, 4xx',
  fault: 'server fault, 5xx',
  throttle: 'throttled, 429',
  partial: 'in progress or incomplete',
  inferred: 'has inferred nodes',
  root: 'entry point of the trace',
  responsetime: 'response time in seconds',
  duration: 'duration in seconds',
  'http.status': 'response status',
  'http.url': 'request URL',
  'http.method': 'request method',
  'http.useragent': 'user agent',
  'http.clientip': 'IP address of the client',
  user: 'user of a segment',
  availabilityzone: 'zone of an EC2 instance',
  'instance.id': 'EC2 instance',
  'resource.arn': 'ARN of a resource',
  name: 'name of the node',
  type: 'type of the node',
};
