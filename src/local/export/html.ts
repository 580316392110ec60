import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import type { StoredTrace } from '../store/store.ts';
import { assemble, type Trace } from '../trace/assemble.ts';
import { type Entity, flagsOf, isOpen, lengthOf } from '../trace/entity.ts';
import { durationText, statusName, summaryParts } from '../trace/labels.ts';
import { visible } from '../visible-text.ts';
import { HTML_STYLE } from './html-style.ts';
import { DATA_ELEMENT } from './trace-file.ts';
import { traceJson } from './trace-json.ts';

/** Deeper rows are not indented further. */
const MAX_INDENT = 12;
/** Rows of one page; the data below them are complete. */
const MAX_ROWS = 2_000;

/**
 * Returns one HTML file of a trace: timeline and details, without scripts or references to other
 * files. The documents are in it, too, so `otel-xray dev --open` can read it.
 */
export function traceHtml(stored: StoredTrace): string {
  const trace = assemble(stored.id, stored.documents);
  const rows = rowsOf(trace);
  const root = trace.root ?? trace.orphans[0];
  const title = [root?.name ?? stored.id, ...(root ? summaryParts(root).slice(0, 2) : [])].join(
    ' ',
  );
  const data = { Traces: [traceJson(stored, trace)], UnprocessedTraceIds: [] };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<dl>
${fact('Trace', stored.id)}${fact('Started', new Date(trace.start * 1000).toISOString())}${fact('Duration', durationText(trace.end - trace.start))}${fact('Segments', String(trace.segments.length))}${root ? fact('Status', statusName(flagsOf(root.record), isOpen(root))) : ''}
</dl>
</header>
<main>
${rows
  .slice(0, MAX_ROWS)
  .map((row) => rowHtml(row, trace))
  .join('\n')}
${rows.length > MAX_ROWS ? `<p>${rows.length - MAX_ROWS} more subsegments are in the data of this file only.</p>` : ''}
</main>
<footer>Exported by otel-xray. Open a row for its details. <code>otel-xray dev --open FILE</code> shows this file with map and filters.</footer>
<script type="application/json" id="${DATA_ELEMENT}">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
</body>
</html>
`;
}

interface Row {
  readonly entity: Entity;
  readonly depth: number;
}

/** Returns the rows in the order of the timeline of the page. */
function rowsOf(trace: Trace): readonly Row[] {
  const rows: Row[] = [];
  const seen = new Set<Entity>();
  const starts = [...trace.segments.filter(({ caller }) => caller === undefined), ...trace.orphans];
  const open = [...starts].reverse().map((entity): Row => ({ entity, depth: 0 }));
  for (let row = open.pop(); row !== undefined; row = open.pop()) {
    const { entity, depth } = row;
    if (seen.has(entity)) continue;
    seen.add(entity);
    rows.push(row);
    const children = [...entity.children, ...entity.downstream]
      .filter(({ kind }) => kind !== 'inferred')
      .sort((a, b) => b.start - a.start);
    for (const child of children) open.push({ entity: child, depth: depth + 1 });
  }
  return rows;
}

function rowHtml({ entity, depth }: Row, trace: Trace): string {
  const status = statusName(flagsOf(entity.record), isOpen(entity));
  const length = lengthOf(entity);
  const whole = Math.max(trace.end - trace.start, 1e-6);
  const left = percent((entity.start - trace.start) / whole);
  const width = percent(((entity.end ?? trace.end) - entity.start) / whole);
  return `<details class="${status.replace(' ', '-')}${entity.parent === undefined ? ' top' : ''}">
<summary><span class="name" style="padding-left:${Math.min(depth, MAX_INDENT) * 14}px"><b>${escaped(entity.name)}</b> <i>${escaped(summaryParts(entity).join(' '))}</i></span><span class="status">${status}</span><span class="time">${length === undefined ? 'in progress' : durationText(length)}</span><span class="axis"><span class="bar" style="left:${left};width:${width}"></span></span></summary>
<div class="body">${exceptionsHtml(entity.record)}<pre>${escaped(JSON.stringify(withoutChildren(entity.record), undefined, 2))}</pre></div>
</details>`;
}

function exceptionsHtml(record: JsonObject): string {
  return asList(asObject(record['cause'])?.['exceptions'])
    .map((each) => {
      const exception = asObject(each) ?? {};
      const frames = asList(exception['stack']).map((frame) => {
        const { path, line, label } = asObject(frame) ?? {};
        const place = [asText(path), asNumber(line)].filter((part) => part !== undefined).join(':');
        return `<li>${escaped(asText(label) ?? '')} <i>${escaped(place)}</i></li>`;
      });
      return `<section class="exception"><h2>${escaped(asText(exception['type']) ?? 'Error')}</h2><p>${escaped(asText(exception['message']) ?? '')}</p><ol>${frames.join('')}</ol></section>`;
    })
    .join('');
}

/** Children have rows of their own. */
function withoutChildren({ subsegments: _, ...record }: JsonObject): JsonObject {
  return record;
}

function fact(name: string, value: string): string {
  return `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`;
}

function percent(share: number): string {
  return `${Math.round(Math.min(Math.max(share, 0), 1) * 10_000) / 100}%`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text for HTML; characters that cannot be seen are written out. */
function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
