type Operators = readonly (readonly [text: string, about: string])[];

const EQUAL: Operators = [
  ['=', 'is'],
  ['!=', 'has another value'],
];
const ORDER: Operators = [
  ['<', 'less than'],
  ['<=', 'at most'],
  ['>', 'more than'],
  ['>=', 'at least'],
];
const TEXT: Operators = [
  ['CONTAINS', 'has this in it'],
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

/** What each keyword is about. */
export const FIELD_NOTES: Readonly<Record<string, string>> = {
  ok: 'no error, fault or throttle',
  error: 'client error, 4xx',
  fault: 'server fault, 5xx',
  throttle: 'throttled, 429',
  partial: 'something is in progress or missing',
  inferred: 'has nodes that sent no segment',
  root: 'the entry of the trace',
  responsetime: 'seconds until the answer',
  duration: 'seconds from first start to last end',
  'http.status': 'status of the answer',
  'http.url': 'address of the request',
  'http.method': 'method of the request',
  'http.useragent': 'who asked',
  'http.clientip': 'address of the client',
  user: 'user of a segment',
  availabilityzone: 'zone of an EC2 instance',
  'instance.id': 'EC2 instance',
  'resource.arn': 'ARN of a resource',
  name: 'name of the node',
  type: 'type of the node',
};
