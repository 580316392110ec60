import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defineConfig, type Plugin, type ViteUserConfig } from 'vitest/config';
import { SDK_3, SDK_3_FOLDER } from './test/support/sdk-3/packages.ts';

const SUPPORT = join(import.meta.dirname, 'test/support/sdk-3');
const require = createRequire(join(SDK_3_FOLDER, 'app.js'));
const OLD_NAMES = new Set(['@opentelemetry/sdk-trace-base', '@opentelemetry/sdk-trace-node']);

/**
 * Runs tests with SDK 3.x and API 1.10, as in an app that has them: the tests get the SDK, and everything
 * shares the API. What `src/provider.ts` imports stays, because the package contains its own SDK.
 */
function sdk3(): Plugin {
  return {
    name: 'sdk-3',
    enforce: 'pre',
    resolveId(id, importer = '') {
      const isTest = importer.startsWith(join(import.meta.dirname, 'test'));
      if (isTest && OLD_NAMES.has(id)) return join(SUPPORT, 'sdk-trace-base.ts');
      if (!(id in SDK_3) || (!isTest && id !== '@opentelemetry/api')) return null;
      return require.resolve(id);
    },
  };
}

/** The suite with SDK 3.x outside; `test/matrix/sdk-3.matrix.ts` runs it. */
const config: ViteUserConfig = defineConfig({
  plugins: [sdk3()],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['./test/support/sdk-3/check.ts'],
    reporters: ['default', './test/support/plain-reporter.ts'],
    globalSetup: './test/support/global-setup.ts',
    retry: Number(process.env['OTEL_XRAY_TEST_RETRY'] ?? 0),
    expect: { poll: { timeout: 100_000 } },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});

export default config;
