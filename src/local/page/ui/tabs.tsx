import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly label: string;
  /** Entries in it, shown beside the label. */
  readonly count?: number | undefined;
  readonly disabled?: boolean;
}

/** Renders tabs by the pattern of the ARIA guide: one stop for the Tab key, arrows between them. */
export function Tabs<Name extends string>(props: {
  readonly label: string;
  readonly tabs: readonly Tab<Name>[];
  readonly selected: Name;
  readonly onSelect: (name: Name) => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { tabs, selected, onSelect } = props;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tab = list.current?.querySelector('[aria-selected=true]');
    tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [selected]);
  const usable = tabs.filter(({ disabled }) => disabled !== true);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = usable.findIndex(({ name }) => name === selected);
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1 + usable.length,
      Home: 0,
      End: usable.length - 1,
    };
    const to = moves[event.key];
    const tab = to === undefined ? undefined : usable[to % usable.length];
    if (tab === undefined) return;
    event.preventDefault();
    onSelect(tab.name);
    document.getElementById(`tab-${tab.name}`)?.focus();
  };
  return (
    <div class="tabs">
      <div
        ref={list}
        class="tab-list"
        role="tablist"
        aria-label={props.label}
        onKeyDown={onKeyDown}
      >
        {tabs.map(({ name, label, count, disabled }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === selected}
            aria-controls="tab-panel"
            aria-disabled={disabled || undefined}
            tabIndex={name === selected ? 0 : -1}
            onClick={() => disabled !== true && onSelect(name)}
          >
            {label}
            {count !== undefined && count > 0 && <span class="count">{count}</span>}
          </button>
        ))}
      </div>
      <div
        class="tab-panel"
        role="tabpanel"
        id="tab-panel"
        tabIndex={0}
        aria-labelledby={`tab-${selected}`}
      >
        {props.children}
      </div>
    </div>
  );
}
