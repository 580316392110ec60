import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { withDescendants } from '../../trace/entity.ts';
import { TraceMap } from '../map/trace-map.tsx';
import type { TraceData } from './trace-data.ts';

/** Renders the map of this trace; selecting a node selects its first segment. */
export function TraceMapSection(props: {
  readonly data: TraceData;
  readonly onSelect: (key: string) => void;
}): JSX.Element | null {
  const { data, onSelect } = props;
  const [selected, setSelected] = useState('');
  if (data.map.nodes.length === 0) return null;
  const select = (key: string): void => {
    setSelected(key);
    const node = data.map.nodes.find((each) => each.key === key);
    const id = node && firstOf(data, node.name);
    if (id) onSelect(id);
  };
  return (
    <details class="section" open>
      <summary>
        <h2>Trace map</h2>
      </summary>
      <TraceMap
        map={data.map}
        selected={selected}
        onSelect={select}
        rates={false}
        maxHeight={maxHeight()}
      />
    </details>
  );
}

/** A large map leaves room for the timeline; a small screen shows it in less than its height. */
function maxHeight(): number {
  return Math.max(200, Math.min(440, Math.round(innerHeight * 0.48)));
}

/** Returns the id of the first segment of that name, or else of the first call to it. */
function firstOf({ tops }: TraceData, name: string): string | undefined {
  const open = [...tops].reverse();
  let call: string | undefined;
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    if (top.kind === 'segment' && top.name === name) return top.id;
    for (const entity of withDescendants(top)) {
      if (call === undefined && entity !== top && namesNode(entity.record, name)) call = entity.id;
      open.push(...entity.downstream.filter(({ kind }) => kind !== 'inferred'));
    }
  }
  return call;
}

function namesNode(record: Readonly<Record<string, unknown>>, name: string): boolean {
  const aws = (record['aws'] ?? {}) as Readonly<Record<string, unknown>>;
  return [record['name'], aws['table_name'], aws['queue_url']].includes(name);
}
