import { expect, test } from 'vitest';
import { startService } from '../examples/shop/services.ts';
import type { SegmentDocument } from '../src/translator/document.ts';
import { hasBinary } from './support/binaries.ts';
import { startRealDaemon } from './support/real-daemon.ts';
import { schemaCheck } from './support/schema.ts';

test.skipIf(!hasBinary('xray-daemon'))(
  'the X-Ray daemon uploads every span of a request to the shop in one trace',
  async () => {
    await using daemon = await startRealDaemon();
    const daemonAddress = daemon.address;
    const env = { AWS_XRAY_COLLECT_SQL_QUERIES: '1' };
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
      env: { STOCK_URL: stock.url },
    });
    const response = await fetch(`${shop.url}/products/1`);
    expect(await response.json()).toEqual({ id: 1, name: 'kettle', stock: 12 });
    await Promise.all([shop.stop(), stock.stop()]);
    await daemon.until(() => daemon.flat().length >= 5);

    const uploaded = daemon.flat();
    const database = uploaded.find(({ sql }) => sql !== undefined);
    expect(pathTo(database, uploaded)).toEqual([
      'shop 200',
      'request handler',
      '127.0.0.1 200',
      'stock 200',
      ':memory: SELECT id, name, stock FROM product WHERE id = ?',
    ]);
    expect(new Set(uploaded.map((document) => document.trace_id)).size).toBe(1);
    const problems = schemaCheck();
    expect(daemon.uploads().flatMap(problems)).toEqual([]);
  },
);

/** Returns a summary of the document and its ancestors, starting with the root. */
function pathTo(
  document: SegmentDocument | undefined,
  all: readonly SegmentDocument[],
): readonly string[] {
  if (document === undefined) return [];
  const { name, http, sql, parent_id } = document;
  const words = [name, http?.response?.status, sql?.sanitized_query];
  const line = words.filter((word) => word !== undefined).join(' ');
  return [
    ...pathTo(
      all.find(({ id }) => id === parent_id),
      all,
    ),
    line,
  ];
}
