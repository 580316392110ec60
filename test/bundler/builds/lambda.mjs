// The options that CDK's NodejsFunction and SAM's BuildMethod pass to esbuild, and the plugin.
import { build } from 'esbuild';
import { otelXray } from 'otel-xray/esbuild';

const [entry, outfile, tool, format] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outfile,
  format,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minify: true,
  sourcemap: true,
  external: ['pg-native', ...(tool === 'cdk' ? ['@aws-sdk/*', '@smithy/*'] : [])],
  ...(format === 'esm' && {
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  }),
  logLevel: 'warning',
  plugins: [otelXray()],
});
