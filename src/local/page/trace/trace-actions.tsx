import type { JSX } from 'preact';
import { parseJson } from '../../json.ts';
import { linkTo } from '../route.ts';
import { Copy } from '../ui/copy.tsx';
import type { TraceData } from './trace-data.ts';

/** Renders the ways to pass the trace on. */
export function TraceActions({ data }: { readonly data: TraceData }): JSX.Element {
  return (
    <div class="trace-actions" role="group" aria-label="This trace">
      <Copy text={() => location.href} what="this view" label="Copy link" />
      <Copy
        text={() => JSON.stringify(data.documents.map(parseJson), undefined, 2)}
        what="the documents"
        label="Copy JSON"
      />
      <a class="button" href={`/local/export?ids=${data.id}`} download>
        Download JSON
      </a>
      <a class="button" href={`/local/export/${data.id}.html`} download>
        Download HTML
      </a>
      <a class="button" href={linkTo('compare', { a: data.id })}>
        Compare
      </a>
    </div>
  );
}
