import { expect, test } from 'vitest';
import { endpointText, parseDaemonAddress } from '../src/daemon-address.ts';

test.for([
  { text: '10.0.0.1:3000', udp: '10.0.0.1:3000', tcp: '10.0.0.1:3000' },
  { text: 'xray.local:2000', udp: 'xray.local:2000', tcp: 'xray.local:2000' },
  { text: '[::1]:2000', udp: '[::1]:2000', tcp: '[::1]:2000' },
  { text: 'tcp:a:1 udp:b:2', udp: 'b:2', tcp: 'a:1' },
  { text: ' udp:b:2,  tcp:a:1 ', udp: 'b:2', tcp: 'a:1' },
  { text: 'udp:b:2', udp: 'b:2', tcp: '127.0.0.1:2000' },
  { text: 'tcp:[::1]:7', udp: '127.0.0.1:2000', tcp: '[::1]:7' },
])('daemon address: $text', ({ text, udp, tcp }) => {
  const address = parseDaemonAddress(text);
  expect([endpointText(address.udp), endpointText(address.tcp)]).toEqual([udp, tcp]);
});

test.for([
  '',
  'localhost',
  ':2000',
  'host:0',
  'host:65536',
  'host:2000x',
  '::1:2000',
  'http://host:2000',
  'udp:a:1 udp:b:2',
  'a:1 b:2',
  'a:1 tcp:b:2',
  'sctp:a:1',
])('invalid daemon address: %j', (text) => {
  expect(() => parseDaemonAddress(text)).toThrow(TypeError);
  expect(() => parseDaemonAddress(text)).toThrow(JSON.stringify(text));
});
