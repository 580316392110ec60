import { basename, dirname } from 'node:path';
import { otelXray } from 'otel-xray/vite';
import { build } from 'vite';

const [entry, outfile, format, ...options] = process.argv.slice(2);
await build({
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: entry,
    outDir: dirname(outfile),
    emptyOutDir: false,
    sourcemap: true,
    minify: options.includes('minify'),
    rolldownOptions: { output: { format, entryFileNames: basename(outfile) } },
  },
  // Packages stay out of a build for the server otherwise; pg-native is optional and not installed.
  ssr: { noExternal: true, external: ['pg-native'] },
  plugins: [otelXray()],
});
