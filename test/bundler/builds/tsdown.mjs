import { basename, dirname, extname } from 'node:path';
import { otelXray } from 'otel-xray/rolldown';
import { build } from 'tsdown';

const [entry, outfile, format, ...options] = process.argv.slice(2);
await build({
  config: false,
  entry: { [basename(outfile, extname(outfile))]: entry },
  outDir: dirname(outfile),
  outExtensions: () => ({ js: extname(outfile) }),
  clean: false,
  dts: false,
  format,
  platform: 'node',
  sourcemap: true,
  minify: options.includes('minify'),
  logLevel: 'warn',
  // Otherwise packages are external. `pg-native` is optional, and not installed.
  deps: { alwaysBundle: [/^(?!pg-native$)/], neverBundle: ['pg-native'] },
  plugins: [otelXray()],
});
