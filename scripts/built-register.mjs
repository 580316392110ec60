// For `node --import ./register app.js` from a checkout: the built entry, or what to run first.
import { existsSync } from 'node:fs';

const entry = new URL('../dist/register.cjs', import.meta.url);
if (!existsSync(entry)) {
  process.stderr.write('otel-xray is not built here; run: npm run build\n');
  process.exit(1);
}
await import(entry);
