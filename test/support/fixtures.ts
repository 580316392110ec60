import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../../scripts/staleness.mjs';

/** Recorded spans; see `test/fixtures/spans/README.md`. */
export const SPANS_FOLDER: string = join(root, 'test/fixtures/spans');

/** One file of recorded spans. */
export interface Recording {
  /** E.g. `http`, or `legacy-http` for a file in `legacy/`. */
  readonly name: string;
  /** The file without folders, e.g. `http.jsonl`. */
  readonly file: string;
  /** One OTLP/JSON `ExportTraceServiceRequest` each. */
  readonly lines: () => readonly string[];
}

/** Returns the recordings of the current instrumentations, then those of the 2025 ones. */
export function recordings(): readonly Recording[] {
  return [...recordingsIn(''), ...recordingsIn('legacy')];
}

function recordingsIn(folder: string): readonly Recording[] {
  const path = join(SPANS_FOLDER, folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => ({
      name: (folder && `${folder}-`) + basename(file, '.jsonl'),
      file,
      lines: () => nonEmptyLines(readFileSync(join(path, file), 'utf8')),
    }));
}

/** Returns the text of a file in `docs/spec/`. */
export function specText(file: `${string}.${'md' | 'json'}`): string {
  return readFileSync(join(root, 'docs/spec', file), 'utf8');
}

function nonEmptyLines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
