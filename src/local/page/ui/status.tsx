import type { JSX } from 'preact';
import type { StatusName } from '../../trace/labels.ts';

const WORDS: Readonly<Record<StatusName, string>> = {
  ok: 'OK',
  error: 'Error',
  fault: 'Fault',
  throttle: 'Throttle',
  'in progress': 'In progress',
};

/** A shape for each status: color is never the only difference. */
const SHAPES: Readonly<Record<StatusName, string>> = {
  ok: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm-1 8.6L4.4 8l1-1L7 8.5l3.6-3.6 1 1Z',
  error: 'M8 1.5 15 14H1Zm-.7 4.6v4h1.4v-4Zm0 5v1.4h1.4v-1.4Z',
  fault: 'M2 2h12v12H2Zm3 4 2 2-2 2 1 1 2-2 2 2 1-1-2-2 2-2-1-1-2 2-2-2Z',
  throttle: 'M8 .8 15.2 8 8 15.2.8 8ZM5 7.2v1.6h6V7.2Z',
  'in progress': 'M8 2a6 6 0 1 0 6 6h-1.7A4.3 4.3 0 1 1 8 3.7Z',
};

/** Returns the CSS class with the colors of a status. */
export function statusClass(word: StatusName): string {
  return `is-${word.replace(' ', '-')}`;
}

export function statusLabel(word: StatusName): string {
  return WORDS[word];
}

export function StatusShape({ word }: { readonly word: StatusName }): JSX.Element {
  return (
    <svg class={`shape ${statusClass(word)}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[word]} fill-rule="evenodd" />
    </svg>
  );
}

/** Renders the shape and the word of a status, in its color. */
export function Status({ word }: { readonly word: StatusName }): JSX.Element {
  return (
    <span class={`status ${statusClass(word)}`}>
      <StatusShape word={word} />
      <span class="status-word">{WORDS[word]}</span>
    </span>
  );
}
