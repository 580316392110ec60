import { expect, test } from 'vitest';
import { XRayExporter } from '../../src/exporter/index.ts';
import { plainDocuments } from '../support/documents.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { SPAN_ID, span, TRACE_ID } from '../support/span.ts';

const child = span({ name: 'query', kind: 'CLIENT', id: 'aaaaaaaaaaaaaaaa', parent: SPAN_ID });

test('a request with its finished children is one datagram', async () => {
  await using daemon = await startFakeDaemon();
  const exporter = new XRayExporter({ daemon: daemon.endpoint, translate: plainDocuments });
  const result = await new Promise((resolve) => exporter.export([child, span()], resolve));
  await daemon.received(2);
  await exporter.shutdown();
  expect(result).toEqual({ code: 0 });
  expect(daemon.documents()).toEqual([
    {
      name: 'GET /cart',
      id: SPAN_ID,
      trace_id: `1-${TRACE_ID.slice(0, 8)}-${TRACE_ID.slice(8)}`,
      start_time: 1478293361.271,
      end_time: 1478293361.449,
      metadata: { default: {} },
      subsegments: [
        {
          name: 'query',
          id: 'aaaaaaaaaaaaaaaa',
          start_time: 1478293361.271,
          end_time: 1478293361.449,
          metadata: { default: {} },
        },
      ],
    },
  ]);
  expect(exporter.counters()).toMatchObject({ spans: 2, sent: 2, datagrams: 1, nested: 1 });
});

test('without nesting every document is a datagram', async () => {
  await using daemon = await startFakeDaemon();
  const exporter = new XRayExporter({
    daemon: daemon.endpoint,
    translate: plainDocuments,
    nesting: false,
  });
  exporter.enqueue([child, span()]);
  await exporter.shutdown();
  await daemon.received(2);
  expect(daemon.documents().map(({ id, parent_id, type }) => ({ id, parent_id, type }))).toEqual([
    { id: 'aaaaaaaaaaaaaaaa', parent_id: SPAN_ID, type: 'subsegment' },
    { id: SPAN_ID, parent_id: undefined, type: undefined },
  ]);
});
