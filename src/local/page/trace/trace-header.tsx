import type { JSX } from 'preact';
import { flagsOf } from '../../trace/entity.ts';
import { durationText, type StatusName, statusName, summaryParts } from '../../trace/labels.ts';
import { tokenSums, tokensText } from '../../trace/model-usage.ts';
import { lineText } from '../../visible-text.ts';
import { bytesText, countedText, countText, fullTimeText } from '../format.ts';
import { Copy } from '../ui/copy.tsx';
import { Status } from '../ui/status.tsx';
import { TimeSpent } from './time-spent.tsx';
import { TraceActions } from './trace-actions.tsx';
import type { TraceData } from './trace-data.ts';

/** Renders the summary of the trace: request, status, start, duration, size. */
export function TraceHeader(props: {
  readonly data: TraceData;
  readonly count: number;
}): JSX.Element {
  const { data, count } = props;
  const root = data.tops.find(({ kind }) => kind === 'segment') ?? data.tops[0];
  const { arrived } = data;
  const { input, output } = tokenSums(data.tops);
  const tokens = input + output > 0 ? tokensText(input, output) : '';
  return (
    <header class="trace-header">
      <div class="trace-title">
        <h1>
          <bdi>{lineText(root?.name ?? '', 120)}</bdi>
          {root && (
            <bdi class="what">{lineText(summaryParts(root).slice(0, 1).join(' '), 200)}</bdi>
          )}
        </h1>
        <Status word={traceStatus(data)} />
        <TraceActions data={data} />
      </div>
      <dl class="facts">
        <Fact name="Trace">
          <span class="mono id">{data.id}</span>
          <Copy text={data.id} what="the trace id" />
        </Fact>
        <Fact name="Started">{fullTimeText(data.start)}</Fact>
        <Fact name="Duration">{durationText(data.end - data.start)}</Fact>
        <Fact name="Segments and subsegments">{countText(count)}</Fact>
        {tokens !== '' && <Fact name="Tokens of models">{tokens}</Fact>}
        {arrived && (
          <Fact name="Received">
            {countedText(arrived.documents.length, 'document')}, {bytesText(arrived.bytes)}
          </Fact>
        )}
      </dl>
      <TimeSpent data={data} />
      {data.limitExceeded && (
        <p class="notice">
          This trace exceeds X-Ray’s limit of 500 KB; X-Ray would drop parts of it.
        </p>
      )}
    </header>
  );
}

function Fact(props: {
  readonly name: string;
  readonly children: JSX.Element | string | readonly (JSX.Element | string)[];
}): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children as JSX.Element}</dd>
    </div>
  );
}

/** Error and fault are those of the root segment, as X-Ray has it. */
function traceStatus({ tops }: TraceData): StatusName {
  const root = tops.find(({ kind }) => kind === 'segment') ?? tops[0];
  return root === undefined
    ? 'in progress'
    : statusName(flagsOf(root.record), root.end === undefined);
}
