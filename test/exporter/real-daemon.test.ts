import { expect, test } from 'vitest';
import { XRayExporter } from '../../src/exporter/index.ts';
import { hasBinary } from '../support/binaries.ts';
import { plainDocuments } from '../support/documents.ts';
import { startRealDaemon } from '../support/real-daemon.ts';
import { span } from '../support/span.ts';

const present = hasBinary('xray-daemon');

test.skipIf(!present)(
  'the real daemon receives and uploads all documents of 5,000 requests',
  async () => {
    await using daemon = await startRealDaemon({ logLevel: 'debug' });
    const exporter = new XRayExporter({ daemon: daemon.endpoint, translate: plainDocuments });
    const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
    for (let request = 1; request <= 5_000; request += 1) {
      const traceId = `581cf771${hex(request, 24)}`;
      const root = hex(request, 16);
      const child = (index: number) =>
        span({ traceId, id: `a${index}${hex(request, 14)}`, parent: root, kind: 'CLIENT' });
      exporter.enqueue([child(1), child(2), child(3), span({ traceId, id: root })]);
      if (request % 100 === 0) await exporter.forceFlush();
      // The daemon drops its oldest batch when 1,000 documents are pending. Let it catch up.
      if (request % 250 === 0)
        await daemon.until(({ uploads }) => uploads().length >= request - 500);
    }
    await exporter.shutdown();
    await daemon.until(({ uploads }) => uploads().length >= 5_000);
    const ids = new Set(daemon.flat().map(({ id }) => id));
    const { received, truncated } = await daemon.stop();
    expect({ ids: ids.size, received, truncated }).toEqual({
      ids: 20_000,
      received: 5_000,
      truncated: 0,
    });
    expect(exporter.counters()).toMatchObject({ sent: 20_000, datagrams: 5_000, nested: 15_000 });
  },
);
