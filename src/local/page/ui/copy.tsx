import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

const SAID_MS = 1_500;

/** A button that puts a text on the clipboard and says so. */
export function Copy(props: { readonly text: string; readonly what: string }): JSX.Element {
  const [said, setSaid] = useState('');
  const say = (text: string): void => {
    setSaid(text);
    setTimeout(() => setSaid(''), SAID_MS);
  };
  const copy = (): void => {
    navigator.clipboard.writeText(props.text).then(
      () => say('Copied'),
      () => say('Not allowed'),
    );
  };
  return (
    <button type="button" class="copy" onClick={copy} aria-label={`Copy ${props.what}`}>
      <span aria-live="polite">{said || 'Copy'}</span>
    </button>
  );
}
