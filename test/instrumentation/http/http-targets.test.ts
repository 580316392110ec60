import { expect, test } from 'vitest';
import {
  incomingTarget,
  outgoingAttributes,
  outgoingTarget,
} from '../../../src/instrumentation/http/http-targets.ts';

const PROXY = { protocol: 'http:', hostname: '127.0.0.1', port: 3128 } as const;

test.for([
  { rule: 'a path', options: { ...PROXY, path: '/v1' }, attributes: undefined },
  { rule: 'no target', options: PROXY, attributes: undefined },
  {
    rule: 'a URL, without user info',
    options: { ...PROXY, path: 'http://user:pw@api.example/v1?a=1' },
    attributes: {
      'url.full': 'http://api.example/v1?a=1',
      'server.address': 'api.example',
      'server.port': 80,
    },
  },
  {
    rule: 'a URL of https with a port',
    options: { ...PROXY, path: 'https://api.example:8443/' },
    attributes: {
      'url.full': 'https://api.example:8443/',
      'server.address': 'api.example',
      'server.port': 8443,
    },
  },
  {
    rule: 'a URL that cannot be parsed is left to the translator',
    options: { ...PROXY, path: 'http://[/' },
    attributes: { 'url.full': 'http://[/' },
  },
  {
    rule: 'an authority, without user info',
    options: { ...PROXY, method: 'connect', path: 'user:pw@api.example:8443' },
    attributes: {
      'url.full': 'api.example:8443',
      'server.address': 'api.example',
      'server.port': 8443,
    },
  },
  {
    rule: 'an authority of IPv6',
    options: { ...PROXY, method: 'CONNECT', path: '[::1]:443' },
    attributes: { 'url.full': '[::1]:443', 'server.address': '[::1]', 'server.port': 443 },
  },
  {
    rule: 'the whole server',
    options: { ...PROXY, method: 'OPTIONS', path: '*' },
    attributes: { 'url.full': 'http://127.0.0.1:3128' },
  },
  {
    rule: 'a path without a slash, on the default port',
    options: { protocol: 'https:', host: 'api.example', port: 443, path: 'items/7' },
    attributes: { 'url.full': 'https://api.example/items/7' },
  },
])('outgoing target: $rule', ({ options, attributes }) => {
  expect(outgoingTarget(options)).toEqual(attributes);
});

const HOST = { host: 'a.example' };

test.for([
  ['*', HOST, { 'url.path': '*' }],
  ['//admin/users?id=1', HOST, { 'url.path': '//admin/users' }],
  ['/v1', HOST, undefined],
  [undefined, HOST, undefined],
  ['/health', {}, { 'server.address': '10.0.0.1', 'server.port': 8080 }],
  ['*', {}, { 'url.path': '*', 'server.address': '10.0.0.1', 'server.port': 8080 }],
] as const)('incoming target %s with the headers %j', ([url, headers, attributes]) => {
  const socket = { localAddress: '::ffff:10.0.0.1', localPort: 8080 };
  expect(incomingTarget({ url, headers, socket })).toEqual(attributes);
});

test.for([
  { rule: 'none', headers: undefined, userAgent: undefined },
  { rule: 'other headers', headers: { host: 'api.example' }, userAgent: undefined },
  { rule: 'lower case', headers: { 'user-agent': 'a/1' }, userAgent: 'a/1' },
  { rule: 'another spelling', headers: { 'User-Agent': 'a/1' }, userAgent: 'a/1' },
  {
    rule: 'names and values in turn',
    headers: ['X', 'User-Agent', 'User-Agent', 'a/1'],
    userAgent: 'a/1',
  },
  {
    rule: 'pairs',
    headers: [
      ['x', 'y'],
      ['USER-AGENT', 'a/1'],
    ],
    userAgent: 'a/1',
  },
  { rule: 'no text', headers: { 'User-Agent': 7 }, userAgent: undefined },
])('the user agent of an outgoing request: $rule', ({ headers, userAgent }) => {
  expect(outgoingAttributes({ ...PROXY, path: '/v1', headers })).toEqual(
    userAgent === undefined ? undefined : { 'user_agent.original': userAgent },
  );
});
