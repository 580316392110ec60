import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/plain-reporter.ts'],
    globalSetup: './test/support/global-setup.ts',
    retry: Number(process.env['OTEL_XRAY_TEST_RETRY'] ?? 0),
    expect: { poll: { timeout: 100_000 } },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});

export default config;
