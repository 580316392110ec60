import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { visible } from '../../visible-text.ts';
import { bytesText } from '../format.ts';
import { Copy } from '../ui/copy.tsx';

/** Longer texts are shown on demand; rendering them is slow. */
const SHOWN = 20_000;

/** Renders a value as indented JSON: text, never markup. */
export function JsonText(props: { readonly value: unknown; readonly what: string }): JSX.Element {
  const [whole, setWhole] = useState(false);
  const text = JSON.stringify(props.value, undefined, 2) ?? 'undefined';
  const isLong = text.length > SHOWN;
  return (
    <div class="json">
      <Copy text={text} what={props.what} />
      <pre>{visible(whole ? text : text.slice(0, SHOWN))}</pre>
      {isLong && (
        <button type="button" onClick={() => setWhole(!whole)}>
          {whole ? 'Show less' : `Show all ${bytesText(text.length)}`}
        </button>
      )}
    </div>
  );
}
