import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import nodeResolve from '@rollup/plugin-node-resolve';
import { otelXray } from 'otel-xray/rollup';
import { rollup } from 'rollup';

const [entry, outfile, format] = process.argv.slice(2);
const build = await rollup({
  input: entry,
  // Optional, and not installed.
  external: ['pg-native'],
  // The place in the list makes no difference.
  plugins: [
    commonjs(),
    nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
    json(),
    otelXray(),
  ],
  onLog(level, log, handler) {
    // Packages of the AWS SDK.
    if (!['CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED'].includes(log.code)) handler(level, log);
  },
});
await build.write({ file: outfile, format, sourcemap: true, inlineDynamicImports: true });
await build.close();
