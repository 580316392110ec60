import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { FilterError } from '../../filter/error.ts';
import { parseFilter } from '../../filter/parse.ts';
import { traceIdOf } from '../route.ts';
import { completionsAt, type Suggestion } from './complete.ts';
import type { Seen } from './seen.ts';

export interface FilterBoxProps {
  readonly value: string;
  readonly seen: Seen;
  /** Error message of the service about this filter. */
  readonly refusal: string | undefined;
  readonly onApply: (filter: string) => void;
}

const HINT = 'e.g.  service("shop") AND responsetime > 0.5   or a trace id';

/** Renders the box for filter expressions, with suggestions for what may stand at the cursor. */
export function FilterBox({ value, seen, refusal, onApply }: FilterBoxProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [cursor, setCursor] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  useEffect(() => setText(value), [value]);

  const { from, suggestions } = completionsAt(text, cursor, seen);
  const shown = open && suggestions.length > 0;
  const problem = traceIdOf(text) ? undefined : problemOf(text);
  const complaint = open ? undefined : (problem ?? (text === value ? refusal : undefined));

  const edit = (next: string, at: number): void => {
    setText(next);
    setCursor(at);
    setChosen(-1);
  };
  const accept = (index: number): void => {
    const insert = suggestions[index]?.insert;
    if (insert === undefined) return;
    edit(text.slice(0, from) + insert + text.slice(cursor), from + insert.length);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(from + insert.length, from + insert.length);
    });
  };
  const apply = (filter: string): void => {
    setOpen(false);
    if (traceIdOf(filter) || problemOf(filter) === undefined) onApply(filter.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => (shown ? setChosen((chosen + 1) % suggestions.length) : setOpen(true)),
      ArrowUp: () => shown && setChosen((chosen <= 0 ? suggestions.length : chosen) - 1),
      Enter: () => (shown && chosen >= 0 ? accept(chosen) : apply(text)),
      Escape: () => (shown ? setOpen(false) : setText(value)),
    };
    const act = keys[event.key];
    if (act === undefined || event.isComposing) return;
    event.preventDefault();
    act();
  };
  const follow = (): void => setCursor(input.current?.selectionStart ?? text.length);

  return (
    <search class="filter">
      <label class="unseen" for="filter">
        Filter expression or trace id
      </label>
      <input
        ref={input}
        id="filter"
        class={complaint ? 'wrong' : ''}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder={HINT}
        value={text}
        aria-expanded={shown}
        aria-controls="filter-list"
        aria-autocomplete="list"
        aria-activedescendant={shown && chosen >= 0 ? `filter-${chosen}` : undefined}
        aria-invalid={complaint !== undefined}
        aria-describedby={complaint ? 'filter-problem' : undefined}
        onInput={({ currentTarget }) => {
          edit(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length);
          setOpen(true);
        }}
        onClick={() => {
          follow();
          setOpen(true);
        }}
        onKeyUp={follow}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
      />
      {text !== '' && (
        <button
          type="button"
          class="clear"
          onClick={() => onApply('')}
          aria-label="Clear the filter"
        >
          ×
        </button>
      )}
      <Suggestions items={suggestions} isShown={shown} chosen={chosen} onAccept={accept} />
      {complaint && (
        <p class="complaint" id="filter-problem" role="alert">
          {complaint}
        </p>
      )}
    </search>
  );
}

function Suggestions(props: {
  readonly items: readonly Suggestion[];
  readonly isShown: boolean;
  /** Index of the selected item; -1 for none. */
  readonly chosen: number;
  readonly onAccept: (index: number) => void;
}): JSX.Element {
  return (
    <ul
      class="suggestions"
      id="filter-list"
      role="listbox"
      aria-label="Suggestions"
      hidden={!props.isShown}
    >
      {props.items.map(({ label, about }, index) => (
        <li
          key={label}
          id={`filter-${index}`}
          role="option"
          aria-selected={index === props.chosen}
          onMouseDown={(event) => {
            event.preventDefault();
            props.onAccept(index);
          }}
        >
          <span class="mono">{label}</span>
          <span class="about">{about}</span>
        </li>
      ))}
    </ul>
  );
}

/** Returns why X-Ray would refuse the expression; `undefined` if it would not. */
function problemOf(text: string): string | undefined {
  try {
    parseFilter(text, () => '');
    return undefined;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const rest = text.slice(error.offset, error.offset + 20);
    return `At ${rest === '' ? 'the end' : `“${rest}”`}: ${error.reason}`;
  }
}
