import { expect, test } from 'vitest';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import type { SpanAttributes } from '../../../src/translator/span.ts';
import type { KIND, SpanParts } from '../../support/span.ts';
import { translated } from '../../support/translated.ts';

interface Row {
  readonly rule: string;
  readonly kind?: keyof typeof KIND;
  readonly attributes: SpanAttributes;
  readonly options?: TranslatorOptions;
  readonly request?: unknown;
  readonly response?: unknown;
  /** Metadata of the default namespace. */
  readonly rest?: SpanAttributes;
}

const GET = { 'http.request.method': 'GET' };

const ROWS: readonly Row[] = [
  {
    rule: 'stable attribute names take precedence',
    attributes: {
      ...GET,
      'http.method': 'PUT',
      'user_agent.original': 'new',
      'http.user_agent': 'old',
      'http.response.status_code': 201,
      'http.status_code': 404,
    },
    request: { method: 'GET', user_agent: 'new' },
    response: { status: 201 },
    rest: { 'http.method': 'PUT', 'http.user_agent': 'old', 'http.status_code': 404 },
  },
  {
    rule: 'attributes with equal values are all consumed',
    attributes: {
      ...GET,
      'http.method': 'GET',
      'http.status_code': 200,
      'http.response.status_code': '200',
    },
    request: { method: 'GET' },
    response: { status: 200 },
  },
  {
    rule: 'the original method replaces _OTHER (B-19)',
    attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' },
    request: { method: 'PROPFIND' },
    rest: { 'http.request.method': '_OTHER' },
  },
  {
    rule: 'a method that is not a token stays in metadata',
    attributes: { 'http.request.method': 'a b', 'http.response.status_code': 200 },
    response: { status: 200 },
    rest: { 'http.request.method': 'a b' },
  },
  {
    rule: 'a status may be a string (B-02)',
    attributes: { 'http.response.status_code': '503' },
    response: { status: 503 },
  },
  {
    rule: 'a status outside 100 to 599 stays in metadata',
    attributes: { 'http.response.status_code': 600 },
    rest: { 'http.response.status_code': 600 },
  },
  {
    rule: 'a span with only addresses and ports is not an HTTP span',
    attributes: {
      'server.address': 'h',
      'server.port': 80,
      'client.address': '10.0.0.1',
      'url.scheme': 'http',
    },
    rest: {
      'server.address': 'h',
      'server.port': 80,
      'client.address': '10.0.0.1',
      'url.scheme': 'http',
    },
  },
  {
    rule: 'a long user agent is truncated and recorded as truncated',
    attributes: { 'user_agent.original': 'x'.repeat(1_100) },
    request: { user_agent: 'x'.repeat(1_024) },
    rest: { 'xray.truncated': ['user_agent.original'] },
  },

  {
    rule: 'a client behind a proxy (B-21)',
    attributes: {
      ...GET,
      'client.address': '1.2.3.4',
      'network.peer.address': '::ffff:10.0.0.1',
      'network.peer.port': 5,
    },
    request: { method: 'GET', client_ip: '1.2.3.4', x_forwarded_for: true },
  },
  {
    rule: 'a client that connects directly',
    attributes: { ...GET, 'client.address': '::ffff:1.2.3.4', 'network.peer.address': '1.2.3.4' },
    request: { method: 'GET', client_ip: '1.2.3.4' },
  },
  {
    rule: 'a client without a known peer came through a proxy',
    attributes: { ...GET, 'http.client_ip': '1.2.3.4' },
    request: { method: 'GET', client_ip: '1.2.3.4', x_forwarded_for: true },
  },
  {
    rule: 'a peer that is not an IP address stays in metadata',
    attributes: { ...GET, 'client.address': '1.2.3.4', 'network.peer.address': '/tmp/sock' },
    request: { method: 'GET', client_ip: '1.2.3.4', x_forwarded_for: true },
    rest: { 'network.peer.address': '/tmp/sock' },
  },
  {
    rule: 'without a client attribute, the peer is the client',
    attributes: { ...GET, 'net.peer.ip': '2001:db8::17' },
    request: { method: 'GET', client_ip: '2001:db8::17' },
  },
  {
    rule: 'a client that is not an IP address stays in metadata',
    attributes: { ...GET, 'client.address': 'client.example', 'network.peer.address': '/tmp/sock' },
    request: { method: 'GET' },
    rest: { 'client.address': 'client.example', 'network.peer.address': '/tmp/sock' },
  },
  {
    rule: 'brackets and invalid digits',
    attributes: { ...GET, 'client.address': '256.1.1.1', 'network.peer.address': '[::1]' },
    request: { method: 'GET', client_ip: '::1' },
    rest: { 'client.address': '256.1.1.1' },
  },
  {
    rule: 'a CLIENT span has no client address (B-20)',
    kind: 'CLIENT',
    attributes: { ...GET, 'server.address': 'h', 'network.peer.address': '10.0.0.9' },
    request: { method: 'GET', url: 'http://h/' },
    rest: { 'network.peer.address': '10.0.0.9' },
  },
  {
    rule: 'the attribute says forwarded',
    attributes: { ...GET, 'net.peer.ip': '10.0.0.1', 'aws.xray.x_forwarded_for': true },
    request: { method: 'GET', client_ip: '10.0.0.1', x_forwarded_for: true },
  },

  {
    rule: 'size: the body',
    attributes: { ...GET, 'http.response.body.size': 12, 'http.response_content_length': 9 },
    request: { method: 'GET' },
    response: { content_length: 12 },
    rest: { 'http.response_content_length': 9 },
  },
  {
    rule: 'size: the header (B-22)',
    attributes: { ...GET, 'http.response.header.content-length': ['34'] },
    request: { method: 'GET' },
    response: { content_length: 34 },
  },
  {
    rule: 'size: a received message',
    attributes: { ...GET, 'message.type': 'RECEIVED', 'messaging.message_payload_size_bytes': 5 },
    request: { method: 'GET' },
    response: { content_length: 5 },
    rest: { 'message.type': 'RECEIVED' },
  },
  {
    rule: 'size: a body of zero bytes',
    attributes: { ...GET, 'http.response.body.size': 0 },
    request: { method: 'GET' },
    response: { content_length: 0 },
  },

  {
    rule: 'url: the full URL takes precedence and consumes its parts',
    kind: 'CLIENT',
    attributes: {
      'url.full': 'https://h/x?a=1#f',
      'server.address': 'other',
      'server.port': 1,
      'url.path': '/y',
      'url.query': '',
    },
    request: { url: 'https://h/x?a=1' },
  },
  {
    rule: 'url: built from new attributes',
    attributes: {
      'url.scheme': 'https',
      'server.address': 'h',
      'server.port': 443,
      'url.path': '/x',
      'url.query': 'a=1',
    },
    request: { url: 'https://h/x?a=1' },
  },
  {
    rule: 'url: built from old attributes',
    attributes: {
      'http.scheme': 'https',
      'http.host': 'h:8443',
      'net.host.port': 9,
      'http.target': '/x?a=1',
    },
    request: { url: 'https://h:8443/x?a=1' },
  },
  {
    rule: 'url: a port other than the default is included',
    attributes: { 'server.address': 'h', 'server.port': '8080', 'url.path': 'rel' },
    request: { url: 'http://h:8080/rel' },
  },
  {
    rule: 'url: a CLIENT span uses the host of the callee (B-24)',
    kind: 'CLIENT',
    attributes: {
      ...GET,
      'server.address': 'up.example',
      'server.port': 8080,
      'http.server_name': 'no',
    },
    request: { method: 'GET', url: 'http://up.example:8080/' },
  },
  {
    rule: 'url: an IPv6 host gets brackets',
    attributes: { 'server.address': '::1', 'server.port': 81, 'url.path': '/', 'url.query': '?q' },
    request: { url: 'http://[::1]:81/?q' },
  },
  {
    rule: 'url: there is no URL without a host',
    attributes: { 'url.path': '/x', 'url.query': 'a=1' },
    rest: { 'url.path': '/x', 'url.query': 'a=1' },
  },
  {
    rule: 'url: an invalid scheme is replaced by http',
    attributes: { 'url.scheme': '@ b', 'http.host': 'h' },
    request: { url: 'http://h/' },
  },
  {
    rule: 'url: no user info (B-25)',
    attributes: { 'http.url': 'https://user:p@ss@h/x' },
    request: { url: 'https://h/x' },
  },
  {
    rule: 'url: an @ in the path does not end user info',
    attributes: { 'http.url': 'https://h/@me?x=a@b' },
    request: { url: 'https://h/@me?x=a@b' },
  },
  {
    rule: 'url: a request through a proxy has the URL of its target, without user info',
    kind: 'CLIENT',
    attributes: { 'url.full': 'http://127.0.0.1:8080http://user:pw@api.example:81/v1?a=1' },
    request: { url: 'http://api.example:81/v1?a=1' },
  },
  {
    rule: 'url: CONNECT has the authority, without user info',
    kind: 'CLIENT',
    attributes: { 'http.request.method': 'CONNECT', 'url.full': 'user:pw@api.example:443' },
    request: { method: 'CONNECT', url: 'api.example:443' },
  },
  {
    rule: 'url: a target that is a URL',
    attributes: { ...GET, 'server.address': 'h', 'url.path': 'https://user:pw@api.example/v1' },
    request: { method: 'GET', url: 'https://api.example/v1' },
  },
  {
    rule: 'url: a target that is an authority',
    attributes: { ...GET, 'server.address': 'h', 'http.target': 'user:pw@api.example:443' },
    request: { method: 'GET', url: 'api.example:443' },
  },
  {
    rule: 'url: the target * is the server itself',
    attributes: { 'http.request.method': 'OPTIONS', 'server.address': 'h', 'url.path': '*' },
    request: { method: 'OPTIONS', url: 'http://h' },
  },
  {
    rule: 'url: a target without a slash gets one',
    attributes: { ...GET, 'server.address': 'h', 'url.path': 'items/7', 'url.query': 'a=1' },
    request: { method: 'GET', url: 'http://h/items/7?a=1' },
  },
  {
    rule: 'url: an @ in a request target does not end user info',
    attributes: { ...GET, 'url.full': 'http://h/@scope/package?to=a@b' },
    request: { method: 'GET', url: 'http://h/@scope/package?to=a@b' },
  },
  {
    rule: 'url: white space is encoded',
    attributes: { 'http.url': 'not a\turl' },
    request: { url: 'not%20a%09url' },
  },
  {
    rule: 'url: secrets in the query',
    attributes: {
      'url.full':
        'https://h/x?a=1&X-Amz-Signature=abc&x-amz-credential=K%2F1&sig=s&TOKEN=t&%74oken=u&access_token=&b=2',
    },
    request: {
      url: 'https://h/x?a=1&X-Amz-Signature=REDACTED&x-amz-credential=REDACTED&sig=REDACTED&TOKEN=REDACTED&%74oken=REDACTED&access_token=&b=2',
    },
  },
  {
    rule: 'url: the value of a secret parameter is replaced, by the end of its name or the whole name',
    attributes: {
      'url.full':
        'https://h/x?key=AIza&code=c&oauth_token=t&Subscription-Key=k&x_api_key=k&client%5Bsecret%5D=s&new_password2=p&passwd=p&id_token_hint=i',
    },
    request: {
      url: 'https://h/x?key=REDACTED&code=REDACTED&oauth_token=REDACTED&Subscription-Key=REDACTED&x_api_key=REDACTED&client%5Bsecret%5D=REDACTED&new_password2=REDACTED&passwd=REDACTED&id_token_hint=REDACTED',
    },
  },
  {
    rule: 'url: names that only look like those of secrets keep their values',
    attributes: {
      'url.full':
        'https://h/x?pageToken=a&next-token=b&keyword=c&codec=d&monkey=e&tokens=f&state=g',
    },
    request: {
      url: 'https://h/x?pageToken=a&next-token=b&keyword=c&codec=d&monkey=e&tokens=f&state=g',
    },
  },
  {
    rule: 'url: URLs in the query are redacted, too',
    attributes: {
      'url.full':
        'https://h/x?to=https://u:p@h2/a%3Fb=1&next=https%3A%2F%2Fu%3Ap%40h3%2F%3Ftoken%3Ds%26c%3D1&path=%2Fa%2Fb&same=https%3A%2F%2Fh4%2F',
    },
    request: {
      url: 'https://h/x?to=https%3A%2F%2Fh2%2Fa%3Fb%3D1&next=https%3A%2F%2Fh3%2F%3Ftoken%3DREDACTED%26c%3D1&path=%2Fa%2Fb&same=https%3A%2F%2Fh4%2F',
    },
  },
  {
    rule: 'headers that contain URLs',
    attributes: {
      'http.request.header.referer': ['https://u:p@h/a?code=c&b=1'],
      'http.response.header.location': ['/callback?access_token=t&b=1', 'other'],
      'http.response.header.link': ['<https://h/b?sig=s>; rel="next"'],
    },
    rest: {
      'http.request.header.referer': ['https://h/a?code=REDACTED&b=1'],
      'http.response.header.location': ['/callback?access_token=REDACTED&b=1', 'other'],
      'http.response.header.link': ['<https://h/b?sig=REDACTED>; rel="next"'],
    },
  },
  {
    rule: 'url: the option drops the query',
    attributes: { 'url.full': 'https://h/x?a=1#f' },
    options: { stripUrlQuery: true },
    request: { url: 'https://h/x' },
  },
  {
    rule: 'url: truncated to 2,048 characters',
    attributes: { 'url.full': `https://h/${'x'.repeat(3_000)}` },
    request: { url: `https://h/${'x'.repeat(2_038)}` },
    rest: { 'xray.truncated': ['http.request.url'] },
  },
  {
    rule: 'secrets are redacted in metadata, too',
    attributes: {
      'url.query': 'token=t&a=1',
      'http.target': '/p?sig=s',
      'messaging.url': 'amqp://u:p@h',
      'messaging.system': 'rabbitmq',
    },
    rest: {
      'url.query': 'token=REDACTED&a=1',
      'http.target': '/p?sig=REDACTED',
      'messaging.url': 'amqp://h',
      'messaging.system': 'rabbitmq',
    },
  },
  {
    rule: 'the URL of an SQS call is the URL of the queue (B-26)',
    kind: 'CLIENT',
    attributes: {
      'rpc.system': 'aws-api',
      'messaging.system': 'aws_sqs',
      'url.full': 'https://sqs/1/q',
      'http.response.status_code': 200,
    },
    response: { status: 200 },
    rest: { 'rpc.system': 'aws-api', 'messaging.system': 'aws_sqs' },
  },
];

test.for(ROWS)(
  'http: $rule',
  ({ kind = 'SERVER', attributes, options, request, response, rest }) => {
    const parts: SpanParts = { kind, attributes, parent: '1111111111111111' };
    const [document] = translated(parts, options);
    const http =
      request === undefined && response === undefined ? undefined : { request, response };
    expect(document?.http).toEqual(http);
    expect(document?.metadata?.['default']).toEqual(rest);
  },
);

test('http: the size of a message in an event, the first that is not zero', () => {
  const message = (size: number) => ({
    name: 'message',
    time: [1, 0] as const,
    attributes: { 'message.type': 'RECEIVED', 'messaging.message_payload_size_bytes': size },
  });
  const [document] = translated({ attributes: GET, events: [message(0), message(7), message(8)] });
  expect(document?.http?.response).toEqual({ content_length: 7 });
});
