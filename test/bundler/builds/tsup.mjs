import { basename, dirname, extname } from 'node:path';
import { otelXray } from 'otel-xray/esbuild';
import { build } from 'tsup';

const [entry, outfile, format, ...options] = process.argv.slice(2);
await build({
  config: false,
  entry: { [basename(outfile, extname(outfile))]: entry },
  outDir: dirname(outfile),
  outExtension: () => ({ js: extname(outfile) }),
  format,
  platform: 'node',
  sourcemap: true,
  minify: options.includes('minify'),
  silent: true,
  // Otherwise packages are external. `pg-native` is optional, and not installed.
  noExternal: [/^(?!pg-native$)/],
  external: ['pg-native'],
  esbuildPlugins: [otelXray()],
});
