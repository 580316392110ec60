import { otelXray } from 'otel-xray/rolldown';
import { rolldown } from 'rolldown';

const [entry, outfile, format, ...options] = process.argv.slice(2);
const build = await rolldown({
  input: entry,
  platform: 'node',
  // Optional, and not installed.
  external: ['pg-native'],
  plugins: [otelXray()],
});
await build.write({
  file: outfile,
  format,
  sourcemap: true,
  minify: options.includes('minify'),
  codeSplitting: false,
});
await build.close();
