import { build } from 'esbuild';
import { otelXray } from 'otel-xray/esbuild';

const [entry, outfile, format, ...options] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outfile,
  format,
  bundle: true,
  platform: 'node',
  sourcemap: true,
  minify: options.includes('minify'),
  // Optional, and not installed.
  external: ['pg-native'],
  // CommonJS packages in an ES module need `require`.
  ...(format === 'esm' && {
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  }),
  logLevel: 'warning',
  plugins: [otelXray()],
});
