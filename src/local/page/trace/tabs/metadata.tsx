import type { JSX } from 'preact';
import { asObject } from '../../../json.ts';
import { visible } from '../../../visible-text.ts';
import { JsonText } from '../json-text.tsx';
import { Nothing } from './nothing.tsx';
import type { TabProps } from './tab-props.ts';

export function MetadataTab({ entity }: TabProps): JSX.Element {
  const namespaces = Object.entries(asObject(entity.record['metadata']) ?? {});
  if (namespaces.length === 0) return <Nothing>No metadata.</Nothing>;
  return (
    <>
      <p class="tab-note">
        X-Ray stores metadata but does not index it: traces cannot be filtered by it.
      </p>
      {namespaces.map(([namespace, value]) => (
        <section key={namespace} class="namespace">
          <h3>{visible(namespace)}</h3>
          <JsonText value={value} what={`metadata of ${visible(namespace)}`} />
        </section>
      ))}
    </>
  );
}
