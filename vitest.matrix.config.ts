import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Set by those who have compiled the native client of Kafka; see test/matrix/kafka.matrix.ts. */
const KAFKA = process.env['OTEL_XRAY_TEST_KAFKA'];

/** All supported versions of Node and of the SDK; takes minutes: `npm run test:matrix`. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/matrix/**/*.matrix.ts'],
    exclude: KAFKA === undefined ? ['test/matrix/kafka.matrix.ts'] : [],
    reporters: ['default', './test/support/plain-reporter.ts'],
    globalSetup: './test/support/global-setup.ts',
    retry: Number(process.env['OTEL_XRAY_TEST_RETRY'] ?? 0),
    testTimeout: 300_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});

export default config;
