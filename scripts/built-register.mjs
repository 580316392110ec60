// Entry for `node --import ./register app.js` in a checkout: loads the built entry point, or names the command to run first.
import { existsSync } from 'node:fs';

const entry = new URL('../dist/register.cjs', import.meta.url);
if (!existsSync(entry)) {
  process.stderr.write('otel-xray is not built here; run: npm run build\n');
  process.exit(1);
}
await import(entry);
