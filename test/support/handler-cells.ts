import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { installedNode } from './nodes.ts';
import { run } from './run.ts';

const WATCHER = join(import.meta.dirname, '../../src/lambda/watch-handler.ts');
const PROGRAM = join(import.meta.dirname, 'handler-cells.mjs');

interface Cell {
  /** How the file is loaded, its name and package type, and the form of its exports. */
  readonly cell: string;
  readonly isTraced: boolean;
  /** What the handler returns, or how its file fails to load. */
  readonly answer: string;
  /** The same without otel-xray. */
  readonly untraced: string;
}

/** What a Node version does with the handlers of all forms. */
export interface CellResults {
  readonly traced: number;
  /** Cells whose handler runs but is not traced. */
  readonly missed: readonly string[];
  /** Cells that behave differently with otel-xray. */
  readonly changed: readonly string[];
  readonly output: string;
}

/** The results on a version with module hooks. */
export const ALL_TRACED: CellResults = { traced: 106, missed: [], changed: [], output: '' };

/** Runs this version of Node with the handlers of `handler-cells.mjs`. */
export async function handlerCells(version: string): Promise<CellResults> {
  const program = await installedNode(version);
  const folder = mkdtempSync(join(tmpdir(), 'handler-cells-'));
  try {
    const bundle = join(folder, 'watch-handler.mjs');
    const build = await rolldown({ input: WATCHER, platform: 'node' });
    await build.write({ file: bundle, format: 'esm' });
    await build.close();
    const files = join(folder, 'files');
    mkdirSync(files);
    const end = await run([PROGRAM, bundle, files], { program });
    const cells = JSON.parse(end.stdout) as readonly Cell[];
    return {
      traced: cells.filter(({ isTraced }) => isTraced).length,
      missed: cells
        .filter(({ isTraced, answer }) => !isTraced && answer === 'work done')
        .map(({ cell }) => cell),
      changed: cells.filter(({ answer, untraced }) => answer !== untraced).map(({ cell }) => cell),
      output: end.stderr,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
