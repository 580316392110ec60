import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

const SAID_MS = 1_500;

/** Renders a button that copies a text to the clipboard. */
export function Copy(props: {
  /** The text, or a function that makes it when it is needed. */
  readonly text: string | (() => string);
  readonly what: string;
  /** Default `Copy`. */
  readonly label?: string;
}): JSX.Element {
  const [said, setSaid] = useState('');
  const say = (text: string): void => {
    setSaid(text);
    setTimeout(() => setSaid(''), SAID_MS);
  };
  const copy = (): void => {
    const { text } = props;
    navigator.clipboard.writeText(typeof text === 'string' ? text : text()).then(
      () => say('Copied'),
      () => say('Not allowed'),
    );
  };
  return (
    <button
      type="button"
      class="copy"
      onClick={copy}
      aria-label={props.label ? `${props.label}: ${props.what}` : `Copy ${props.what}`}
    >
      <span aria-live="polite">{said || (props.label ?? 'Copy')}</span>
    </button>
  );
}
