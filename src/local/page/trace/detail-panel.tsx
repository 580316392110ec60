import type { JSX } from 'preact';
import { asList, asObject } from '../../json.ts';
import { type Entity, flagsOf } from '../../trace/entity.ts';
import { statusName } from '../../trace/labels.ts';
import { lineText } from '../../visible-text.ts';
import { Status } from '../ui/status.tsx';
import { type Tab, Tabs } from '../ui/tabs.tsx';
import type { TabName } from './tab-names.ts';
import { AnnotationsTab } from './tabs/annotations.tsx';
import { ExceptionsTab } from './tabs/exceptions.tsx';
import { MetadataTab } from './tabs/metadata.tsx';
import { OverviewTab } from './tabs/overview.tsx';
import { RawTab } from './tabs/raw.tsx';
import { ResourcesTab } from './tabs/resources.tsx';
import { SqlTab } from './tabs/sql.tsx';
import type { TabProps } from './tabs/tab-props.ts';
import type { TraceData } from './trace-data.ts';

const CONTENT: Readonly<Record<TabName, (props: TabProps) => JSX.Element>> = {
  overview: OverviewTab,
  resources: ResourcesTab,
  annotations: AnnotationsTab,
  metadata: MetadataTab,
  exceptions: ExceptionsTab,
  sql: SqlTab,
  raw: RawTab,
};

/** Renders all data of the selected segment or subsegment, in the console's tabs. */
export function DetailPanel(props: {
  readonly data: TraceData;
  readonly entity: Entity;
  readonly tab: TabName;
  readonly onTab: (name: TabName) => void;
  readonly onClose: () => void;
}): JSX.Element {
  const { data, entity, tab, onTab, onClose } = props;
  const Content = CONTENT[tab];
  const kind = entity.kind === 'segment' ? 'Segment' : 'Subsegment';
  return (
    <aside
      class="panel detail"
      aria-label={`${kind} details`}
      onKeyDown={({ key }) => key === 'Escape' && onClose()}
    >
      <header>
        <div>
          <p class="muted kind">{kind}</p>
          <h2>
            <bdi>{lineText(entity.name, 200)}</bdi>
          </h2>
          <Status word={statusName(flagsOf(entity.record), entity.end === undefined)} />
        </div>
        <button type="button" class="close" onClick={onClose} aria-label="Close the details">
          ×
        </button>
      </header>
      <Tabs label={`${kind} details`} tabs={tabsOf(entity)} selected={tab} onSelect={onTab}>
        <Content entity={entity} data={data} />
      </Tabs>
    </aside>
  );
}

function tabsOf({ record }: Entity): readonly Tab<TabName>[] {
  const size = (value: unknown): number => Object.keys(asObject(value) ?? {}).length;
  const cause = record['cause'];
  const exceptions = typeof cause === 'string' ? 1 : asList(asObject(cause)?.['exceptions']).length;
  return [
    { name: 'overview', label: 'Overview' },
    { name: 'resources', label: 'Resources' },
    { name: 'annotations', label: 'Annotations', count: size(record['annotations']) },
    { name: 'metadata', label: 'Metadata', count: size(record['metadata']) },
    { name: 'exceptions', label: 'Exceptions', count: exceptions },
    { name: 'sql', label: 'SQL', count: asObject(record['sql']) ? 1 : 0 },
    { name: 'raw', label: 'Raw' },
  ];
}
