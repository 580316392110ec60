import { basename, dirname, resolve } from 'node:path';
import { rspack } from '@rspack/core';
import { otelXray } from 'otel-xray/rspack';

const [entry, outfile, format, ...options] = process.argv.slice(2);
const isEsm = format === 'esm';
const compiler = rspack({
  entry: resolve(entry),
  output: {
    path: dirname(resolve(outfile)),
    filename: basename(outfile),
    module: isEsm,
    ...(isEsm && { chunkFormat: 'module', library: { type: 'module' } }),
  },
  experiments: { outputModule: isEsm },
  target: 'node20',
  mode: 'production',
  devtool: 'source-map',
  optimization: { minimize: options.includes('minify') },
  // Optional, and not installed.
  externals: { 'pg-native': 'commonjs pg-native' },
  // Express loads template engines by name.
  ignoreWarnings: [/Dynamic module path/],
  plugins: [otelXray()],
});
compiler.run((error, stats) => {
  if (error !== null || stats.hasErrors() || stats.hasWarnings()) {
    console.error(error ?? stats.toString('errors-warnings'));
  }
  process.exitCode = error !== null || stats.hasErrors() ? 1 : 0;
  compiler.close(() => {});
});
