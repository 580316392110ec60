import { expect, test } from 'vitest';
import { withGuardedListeners } from '../../scripts/build/guard-listeners.ts';

const CATCH = '} catch (__error) { __report("http", __error); }';

test('what another instrumentation ends as a response closes ends before the request', () => {
  expect(withGuardedListeners("res.once('close', onClose);", 'express')).toBe(
    'res.prependOnceListener(\'close\', __listener("express", onClose));',
  );
  expect(withGuardedListeners("res.once('close', onClose);", 'http')).toBe(
    'res.once(\'close\', __listener("http", onClose));',
  );
});

test.for([
  {
    rule: 'the body of a listener is guarded in place',
    code: "response.on('close', () => { end(); });",
    becomes: `response.on('close', () => { try { end(); ${CATCH} });`,
  },
  {
    rule: 'an expression becomes a body',
    code: "response.once('end', () => end());",
    becomes: `response.once('end', () => { try { end(); ${CATCH} });`,
  },
  {
    rule: 'a listener with a name stays one that can be removed',
    code: "request.on('end', ended); request.removeListener('end', ended);",
    becomes: `request.on('end', __listener("http", ended)); request.removeListener('end', __listener("http", ended));`,
  },
  {
    rule: 'errors are watched, not handled',
    code: "query.on('error', failed);",
    becomes: `query.on(__event('error'), __listener("http", failed));`,
  },
  {
    rule: 'an event without a written name may be an error',
    code: 'socket.once(Events.ERROR, failed);',
    becomes: `socket.once(__event(Events.ERROR), __listener("http", failed));`,
  },
  {
    rule: 'errorMonitor stays',
    code: 'call.on(events_1.errorMonitor, failed);',
    becomes: `call.on(events_1.errorMonitor, __listener("http", failed));`,
  },
  {
    rule: 'calls in a row',
    code: "stream.on('error', a).on('end', b);",
    becomes: `stream.on(__event('error'), __listener("http", a)).on('end', __listener("http", b));`,
  },
  {
    rule: 'a listener inside a listener',
    code: "request.on('response', (response) => { response.on('end', () => { end(); }); });",
    becomes: `request.on('response', (response) => { try { response.on('end', () => { try { end(); ${CATCH} }); ${CATCH} });`,
  },
  {
    rule: 'subscribers of a channel',
    code: 'channel.subscribe(started); diagnostics?.subscribe?.(name, started);',
    becomes: `channel.subscribe(__listener("http", started)); diagnostics?.subscribe?.(__event(name), __listener("http", started));`,
  },
  {
    rule: 'timers',
    code: 'setInterval(() => { check(); }, 10);',
    becomes: `setInterval(() => { try { check(); ${CATCH} }, 10);`,
  },
  {
    rule: 'the message of what the app has thrown',
    code: 'span.setStatus({ code: 2, message: error.message }); log({ message: this.message });',
    becomes:
      'span.setStatus({ code: 2, message: __message(error) }); log({ message: this.message });',
  },
  {
    rule: 'the message of what may be nothing',
    code: 'span.setStatus({ message: error?.message });',
    becomes: 'span.setStatus({ message: __message(error) });',
  },
  {
    rule: 'other calls stay',
    code: "this._wrap(moduleExports, 'on', patch); on('x', () => {}); map.get('on', () => 1);",
    becomes: "this._wrap(moduleExports, 'on', patch); on('x', () => {}); map.get('on', () => 1);",
  },
])('guarded listeners: $rule', ({ code, becomes }) => {
  expect(withGuardedListeners(code, 'http')).toBe(becomes);
});
