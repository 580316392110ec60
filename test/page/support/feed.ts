import type { LocalXRay } from '../../../src/local/index.ts';

/** Maximum number of documents of PutTraceSegments. */
const AT_ONCE = 50;

/** Sends documents by X-Ray's API; they are stored when this resolves. */
export async function feed(
  xray: LocalXRay,
  documents: readonly (object | string)[],
): Promise<void> {
  for (let i = 0; i < documents.length; i += AT_ONCE) {
    const texts = documents
      .slice(i, i + AT_ONCE)
      .map((document) => (typeof document === 'string' ? document : JSON.stringify(document)));
    await post(xray, '/TraceSegments', { TraceSegmentDocuments: texts });
  }
}

/** Calls an operation of the API. */
export async function post(xray: LocalXRay, path: string, body: object): Promise<unknown> {
  const response = await fetch(`${xray.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return response.json();
}
