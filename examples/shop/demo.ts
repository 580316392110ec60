/**
 * `npm run demo`: starts a local X-Ray and two small services with `--import otel-xray/register`, sends
 * requests with different outcomes, and prints the trace of each.
 */
import {
  type LocalTrace,
  type LocalXRay,
  startLocalXRay,
  traceTree,
} from '../../src/local/index.ts';
import { mayColor } from '../../src/local/terminal.ts';
import { startService } from './services.ts';

interface Visit {
  readonly path: string;
  readonly about: string;
  readonly status: number;
  /** Services that send a segment. */
  readonly services: readonly string[];
}

const VISITS: readonly Visit[] = [
  { path: '/products/1', about: 'success', status: 200, services: ['shop', 'stock'] },
  {
    path: '/products/9',
    about: 'no such product',
    status: 404,
    services: ['shop', 'stock'],
  },
  { path: '/checkout', about: 'throws an error', status: 500, services: ['shop'] },
  { path: '/report', about: 'slow', status: 200, services: ['shop', 'stock'] },
  { path: '/order', about: 'throttled', status: 429, services: ['shop', 'stock'] },
];

const out = process.stdout;

async function main(): Promise<number> {
  const xray = await startLocalXRay({ port: out.isTTY ? 2000 : 0 });
  const daemonAddress = xray.daemonAddress;
  const env = {
    OTEL_TRACES_SAMPLER: 'always_on',
    OTEL_XRAY_ANNOTATIONS: 'product.id,http.route=route',
    AWS_XRAY_COLLECT_SQL_QUERIES: '1',
  };
  const stock = await startService({
    file: 'stock.cjs',
    serviceName: 'stock',
    daemonAddress,
    env,
  });
  const shop = await startService({
    file: 'front.mjs',
    serviceName: 'shop',
    daemonAddress,
    env: { ...env, STOCK_URL: stock.url },
  });
  let missing = 0;
  for (const visit of VISITS) missing += (await showVisit(visit, shop.url, xray)) ? 0 : 1;
  await Promise.all([shop.stop(), stock.stop()]);

  if (out.isTTY) {
    out.write(`All traces on a page: ${xray.url}\nPress Ctrl-C to stop.\n`);
    await new Promise((resolve) => process.once('SIGINT', resolve));
  }
  await xray.close();
  return missing === 0 ? 0 : 1;
}

/** Sends one request and prints its trace; returns whether the complete trace arrived. */
async function showVisit(visit: Visit, url: string, xray: LocalXRay): Promise<boolean> {
  out.write(`GET ${visit.path} (${visit.about})\n`);
  const response = await fetch(`${url}${visit.path}`);
  await response.arrayBuffer();
  if (response.status !== visit.status) {
    out.write(`  status ${response.status} instead of ${visit.status}\n\n`);
    return false;
  }
  try {
    const trace = await xray.waitFor((found) => isWhole(found, visit));
    const lines = traceTree(trace.documents, {
      color: mayColor(out, process.env),
      width: out.isTTY ? out.columns : undefined,
    });
    out.write(`${lines.join('\n')}\n\n`);
    return true;
  } catch (error) {
    out.write(`  the trace is missing: ${(error as Error).message}\n\n`);
    return false;
  }
}

function isWhole({ documents, partial }: LocalTrace, { path, services }: Visit): boolean {
  const urls = documents.map(({ http }) => http?.request?.url ?? '');
  const names = documents.map(({ name }) => name);
  return (
    !partial &&
    urls.some((url) => url.endsWith(path)) &&
    services.every((service) => names.includes(service))
  );
}

process.exitCode = await main();
