import type { ComponentChildren, JSX } from 'preact';
import { visible } from '../../visible-text.ts';
import { ValueFilter } from './value-filter.tsx';

export interface FieldRow {
  readonly label: string;
  readonly value: ComponentChildren;
  /** Ids, addresses and the like. */
  readonly mono?: boolean;
  /** Filter expression that traces with this value satisfy. */
  readonly condition?: string | undefined;
}

/** Renders names and values in two columns. Rows without a value are left out. */
export function Fields(props: {
  readonly title?: string;
  readonly rows: readonly FieldRow[];
}): JSX.Element | null {
  const rows = props.rows.filter(({ value }) => value !== undefined && value !== '');
  if (rows.length === 0) return null;
  return (
    <section class="fields">
      {props.title && <h3>{props.title}</h3>}
      <dl>
        {rows.map(({ label, value, mono, condition }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd class={mono ? 'mono' : ''}>
              {typeof value === 'string' ? visible(value) : value}
              {condition && <ValueFilter condition={condition} what={`this ${label}`} />}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
