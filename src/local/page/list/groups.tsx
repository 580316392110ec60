import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { visible } from '../../visible-text.ts';
import { createGroup, deleteGroup, getGroups } from '../api.ts';
import { go } from '../location.ts';
import { linkTo } from '../route.ts';
import { useLoaded } from '../use-loaded.ts';
import { quoted } from './seen.ts';

/** Group names have at most this many characters. */
const MAX_NAME = 32;

function groupFilter(name: string): string {
  return `group.name = ${quoted(name)}`;
}

/**
 * Renders the saved filters, which are X-Ray's groups. The current filter can be saved, and its
 * group deleted.
 */
export function Groups(props: { readonly filter: string; readonly range: string }): JSX.Element {
  const { filter, range } = props;
  const [version, setVersion] = useState(0);
  const [naming, setNaming] = useState(false);
  const [error, setError] = useState('');
  const load = useCallback((signal: AbortSignal) => getGroups(signal), []);
  const groups = useLoaded(load, 'groups', version).value ?? [];
  const current = groups.find(({ GroupName }) => groupFilter(GroupName) === filter);
  const place = useRef<HTMLSpanElement>(null);
  // The focus must not be lost with the control that was used.
  const [focused, setFocused] = useState<string | undefined>(undefined);
  useEffect(() => {
    const control =
      focused === undefined ? null : place.current?.querySelector<HTMLElement>(focused);
    if (!control) return;
    control.focus();
    setFocused(undefined);
  });
  const cancel = (): void => {
    setNaming(false);
    setFocused('.save-group');
  };
  const done = (next: string, control: string): void => {
    setNaming(false);
    setFocused(control);
    setError('');
    setVersion(version + 1);
    go(linkTo('traces', { filter: next, range }));
  };
  const save = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const name = String(data.get('name')).trim();
    createGroup(name, filter).then(
      () => done(groupFilter(name), '.group[aria-current]'),
      (failed: Error) => setError(failed.message),
    );
  };
  return (
    <span ref={place} class="groups-of-filters">
      {groups.map(({ GroupName: name, FilterExpression: expression = '' }) => (
        <a
          key={name}
          class="group"
          href={linkTo('traces', { filter: groupFilter(name), range })}
          title={visible(expression)}
          aria-current={groupFilter(name) === filter ? 'true' : undefined}
        >
          {visible(name)}
        </a>
      ))}
      {current && (
        <button
          type="button"
          class="chip"
          onClick={() =>
            deleteGroup(current.GroupName).then(
              () => done(current.FilterExpression ?? '', '.save-group'),
              (failed: Error) => setError(failed.message),
            )
          }
        >
          Delete group
        </button>
      )}
      {filter !== '' && !current && !naming && (
        <button type="button" class="chip save-group" onClick={() => setNaming(true)}>
          Save as group
        </button>
      )}
      {naming && (
        <form class="name-group" onSubmit={save}>
          <input
            name="name"
            required
            maxLength={MAX_NAME}
            aria-label="Name of the group"
            placeholder="Name of the group"
            ref={(input) => input?.focus()}
            onKeyDown={({ key }) => key === 'Escape' && cancel()}
          />
          <button type="submit" class="primary">
            Save
          </button>
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        </form>
      )}
      {error !== '' && (
        <span class="complaint" role="alert">
          {visible(error)}
        </span>
      )}
    </span>
  );
}
