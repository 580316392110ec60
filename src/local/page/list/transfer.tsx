import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { documentsOfFile } from '../../export/trace-file.ts';
import { visible } from '../../visible-text.ts';
import { importDocuments } from '../api.ts';
import { countedText } from '../format.ts';
import { rangeOf } from '../time-range.ts';

/** A request may have 5 MiB; characters may take up to three bytes. */
const CHUNK_CHARACTERS = 1_500_000;

/** Saves the traces in view as a file, and opens such files. */
export function Transfer(props: { readonly filter: string; readonly range: string }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState('');
  const open = async (files: FileList | null): Promise<void> => {
    for (const file of files ?? []) {
      try {
        setSaid(`Opening ${file.name}…`);
        const stored = await storeAll(documentsOfFile(await file.text()));
        setSaid(`${countedText(stored, 'document')} of ${file.name} opened`);
      } catch (error) {
        setSaid(`${file.name}: ${(error as Error).message}`);
      }
    }
    if (input.current) input.current.value = '';
  };
  const { start, end } = rangeOf(props.range, Date.now());
  const query = new URLSearchParams({
    filter: props.filter,
    from: String(start),
    to: String(end),
  });
  return (
    <div class="transfer">
      <span class="muted" aria-live="polite">
        {visible(said)}
      </span>
      <a class="button" href={`/local/export?${query}`} download title="At most 1,000 traces">
        Export
      </a>
      <button type="button" onClick={() => input.current?.click()}>
        Open file
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="File of traces"
        accept=".json,.jsonl,.ndjson,.html"
        onChange={({ currentTarget }) => void open(currentTarget.files)}
      />
    </div>
  );
}

/** Stores documents in requests of bounded size; returns how many were taken. */
async function storeAll(documents: readonly object[]): Promise<number> {
  let stored = 0;
  let chunk: object[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (chunk.length > 0) stored += (await importDocuments(chunk)).Stored;
    chunk = [];
    size = 0;
  };
  for (const document of documents) {
    const length = JSON.stringify(document).length;
    if (size + length > CHUNK_CHARACTERS) await flush();
    chunk.push(document);
    size += length;
  }
  await flush();
  return stored;
}
