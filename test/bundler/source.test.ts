import { createContext, runInContext } from 'node:vm';
import { expect, test } from 'vitest';
import { commonJsSource, esModuleSource, replaceableSource } from '../../src/bundler/source.ts';
import type { Target } from '../../src/bundler/target.ts';

const TARGET: Target = {
  packageName: 'pg',
  name: 'pg/lib/client.js',
  version: '8.23.1',
  isXRaySdk: false,
};

/** Runs a CommonJS module; `receiver` is what otel-xray has put on the global object. */
function load(source: string, receiver?: object): { exports: unknown; received: unknown } {
  const key: symbol = Symbol.for('otel-xray.bundle');
  const module = { exports: {} as unknown };
  const scope = createContext(
    Object.assign({ module, exports: module.exports }, { [key]: receiver }),
  );
  runInContext(`(function (module, exports) {${source}\n}).call(exports, module, exports)`, scope);
  return { exports: module.exports, received: (scope as Record<symbol, unknown>)[key] };
}

const CLIENT =
  "'use strict';\nmodule.exports = class Client {};\n//# sourceMappingURL=client.js.map";

test('CommonJS: without otel-xray the exports stay, and the module waits for it', () => {
  const { exports, received } = load(commonJsSource(CLIENT, TARGET));
  expect(exports).toHaveProperty('name', 'Client');
  expect(received).toEqual([[exports, 'pg/lib/client.js', 'pg', '8.23.1']]);
});

test('CommonJS: otel-xray replaces the exports', () => {
  const push = (module: unknown[]): void => {
    module[0] = 'traced';
  };
  expect(load(commonJsSource(CLIENT, TARGET), { push }).exports).toBe('traced');
});

test('CommonJS: line numbers do not change', () => {
  expect(commonJsSource(CLIENT, TARGET).startsWith(CLIENT)).toBe(true);
});

const SDK =
  "'use strict';\nexports.strict = this === exports && (() => { try { undeclared = 1; } catch { return true; } })();";

test.for([
  { rule: 'without otel-xray', receiver: undefined, exports: { strict: true } },
  { rule: 'before otel-xray starts', receiver: [], exports: { strict: true } },
  { rule: 'with the facade off', receiver: { push() {} }, exports: { strict: true } },
  {
    rule: 'without a replacement',
    receiver: { replacement: () => undefined },
    exports: { strict: true },
  },
  {
    rule: 'with a replacement',
    receiver: { replacement: (name: string) => ({ exports: name }) },
    exports: 'pg/lib/client.js',
  },
])('X-Ray SDK, $rule', ({ receiver, exports }) => {
  expect(load(replaceableSource(SDK, TARGET), receiver).exports).toEqual(exports);
});

test('ES modules: every kind of exported name is replaced', () => {
  expect(esModuleSource('/m/index.mjs?otel-xray', ['default', 'Ünder_$1', 'a-b'], TARGET)).toBe(
    [
      'import * as otelXrayOriginal from "/m/index.mjs?otel-xray";',
      'export * from "/m/index.mjs?otel-xray";',
      'var otelXray0=otelXrayOriginal.default;',
      'var otelXray1=otelXrayOriginal.Ünder_$1;',
      'var otelXray2=otelXrayOriginal["a-b"];',
      '(function(k,m){(globalThis[k]=globalThis[k]||[]).push(m);return m[0]})(Symbol.for("otel-xray.bundle"),' +
        '[{"default":otelXray0,"Ünder_$1":otelXray1,"a-b":otelXray2},"pg/lib/client.js","pg","8.23.1",' +
        '{"default":function(v){otelXray0=v},"Ünder_$1":function(v){otelXray1=v},"a-b":function(v){otelXray2=v}}]);',
      'export {otelXray0 as default,otelXray1 as Ünder_$1,otelXray2 as "a-b"};',
      '',
    ].join('\n'),
  );
});
