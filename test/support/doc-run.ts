import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/staleness.mjs';
import type { SegmentDocument } from '../../src/translator/document.ts';
import type { DocBlock, DocExample } from './doc-blocks.ts';
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.ts';
import { type Finished, run } from './run.ts';

/** What an example did, compared with its page. */
export interface DocResult {
  /** Exit codes of its programs, in order. */
  readonly codes: readonly (number | null)[];
  /** Documents that the page shows and the daemon did not receive. */
  readonly missing: readonly unknown[];
  /** Lines that the page shows and the example did not print. */
  readonly unprinted: readonly string[];
  /** Number of documents received beyond those of a block marked `only`. */
  readonly surplus: number;
  /** For the message of a failing test. */
  readonly log: string;
}

const exec = promisify(execFile);

/**
 * Runs an example in its own folder, with this package installed and a fake daemon listening.
 *
 * `file=NAME` writes a file; `js run` and `ts run` are programs started by `--import
 * otel-xray/register` (TypeScript is compiled strictly before); `sh run` is a shell command;
 * `json sent` lists parts of documents that must arrive; `text prints` lists lines that must be
 * printed. In both, `…` matches any text.
 */
export async function runExample({ blocks }: DocExample, home: DocHome): Promise<DocResult> {
  const folder = mkdtempSync(join(home.folder, 'example-'));
  await using daemon = await startFakeDaemon();
  try {
    const runs: Finished[] = [];
    const missing: unknown[] = [];
    const unprinted: string[] = [];
    let surplus = 0;
    for (const block of blocks) {
      const file = block.marks.find((mark) => mark.startsWith('file='))?.slice('file='.length);
      if (file !== undefined) write(folder, file, block.text);
      if (block.marks.includes('run')) runs.push(await runBlock(block, folder, daemon));
      if (block.marks.includes('sent')) {
        const expected = JSON.parse(block.text) as readonly unknown[];
        missing.push(...(await notArrived(expected, daemon)));
        if (block.marks.includes('only')) surplus += daemon.flat().length - expected.length;
      }
      if (block.marks.includes('prints')) {
        const printed = runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
        unprinted.push(
          ...block.text
            .trim()
            .split('\n')
            .filter((line) => !shows(printed, line)),
        );
      }
    }
    const codes = runs.map(({ code }) => code);
    const output = runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    const log = `${output}\n${daemon
      .flat()
      .map((document) => JSON.stringify(document))
      .join('\n')}`;
    return { codes, missing, unprinted, surplus, log };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runBlock(block: DocBlock, folder: string, daemon: FakeDaemon): Promise<Finished> {
  const options = {
    cwd: folder,
    env: {
      PATH: `${dirname(process.execPath)}:${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
    },
  };
  if (block.language === 'sh') {
    return run(['-ec', block.text], { ...options, program: '/bin/sh' });
  }
  const name = block.marks.includes('cjs') ? 'example.cjs' : `example.m${block.language}`;
  write(folder, name, block.text);
  const program = block.language === 'ts' ? await compiled(folder, name) : name;
  return run(['--import', 'otel-xray/register', program], options);
}

async function compiled(folder: string, name: string): Promise<string> {
  write(
    folder,
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2022',
        lib: ['es2023', 'esnext.disposable', 'esnext.decorators'],
        strict: true,
        exactOptionalPropertyTypes: true,
        types: ['node'],
        outDir: 'out',
        rootDir: '.',
      },
      files: [name],
    }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    await exec(process.execPath, [tsc, '-p', folder], { cwd: folder });
  } catch (error) {
    throw new Error(`does not compile: ${(error as { stdout?: string }).stdout}`);
  }
  return join('out', name.replace(/\.mts$/, '.mjs'));
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** Parent folder of the examples' folders, from which they resolve packages. */
export interface DocHome extends Disposable {
  readonly folder: string;
}

/** Makes a folder with all packages of the repository, and the repository itself as `otel-xray`. */
export function docHome(): DocHome {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-docs-'));
  const from = join(root, 'node_modules');
  const to = join(folder, 'node_modules');
  mkdirSync(join(to, '.bin'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '.bin') symlinkSync(join(from, name), join(to, name));
  }
  symlinkSync(root, join(to, 'otel-xray'));
  const command = `#!/bin/sh\nexec node "${join(root, 'dist/cli.cjs')}" "$@"\n`;
  writeFileSync(join(to, '.bin/otel-xray'), command, { mode: 0o755 });
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

async function notArrived(
  expected: readonly unknown[],
  daemon: FakeDaemon,
): Promise<readonly unknown[]> {
  // The programs have ended, so everything has been sent.
  await daemon.drained();
  return unmatched(expected, daemon);
}

/**
 * Returns the expected documents that did not arrive; each received document matches once. An
 * expectation with `subsegments` is compared with documents as sent, any other with nested ones too.
 */
function unmatched(expected: readonly unknown[], daemon: FakeDaemon): readonly unknown[] {
  const whole = [...daemon.documents()];
  const flat = [...daemon.flat()];
  return expected.filter((part) => {
    const left: SegmentDocument[] = 'subsegments' in Object(part) ? whole : flat;
    const at = left.findIndex((document) => fits(document, part));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function fits(actual: unknown, expected: unknown): boolean {
  if (typeof expected === 'string')
    return typeof actual === 'string' && shows(actual, expected, true);
  if (typeof expected !== 'object' || expected === null) return actual === expected;
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(expected).every(([key, value]) =>
    fits((actual as Record<string, unknown>)[key], value),
  );
}

/** Returns whether a text contains (or equals) a line in which `…` matches any text. */
function shows(text: string, line: string, whole = false): boolean {
  const pattern = line
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(whole ? `^${pattern}$` : pattern, 's').test(text);
}
