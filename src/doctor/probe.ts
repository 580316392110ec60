/**
 * The module that `otel-xray doctor -- command` loads into the application with `--require`. It
 * records which packages are loaded before and after `otel-xray/register`, and writes the record to
 * a file. It changes nothing else.
 */
import { writeFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import { existingHandle, STARTED } from '../start/already-started.ts';
import type { Started } from '../start/handle.ts';

/** Variable with the directory for the notes. Each process writes one file. */
export const OUT = 'OTEL_XRAY_DOCTOR_OUT';
/** Variable with the time after which a running process writes its notes, in milliseconds. */
export const AFTER = 'OTEL_XRAY_DOCTOR_AFTER_MS';

/** The notes of one process. */
export interface Notes {
  readonly entry: string | undefined;
  readonly registered: boolean;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** How often the code of each instrumentation threw an error, by its name. */
  readonly failures: Readonly<Record<string, number>>;
  /** The CommonJS files of the application itself. */
  readonly files: readonly string[];
}

interface LoadableModule {
  load(filename: string): void;
}

const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
const MAX_FILES = 200;

function watch(folder: string, afterMs: number): void {
  const started = (): boolean => STARTED in globalThis;
  const before = new Set<string>();
  const after = new Set<string>();
  const files: string[] = [];
  const prototype = Module.prototype as unknown as LoadableModule;
  const original = prototype.load;
  prototype.load = function load(this: LoadableModule, filename: string): void {
    const name = PACKAGE.exec(filename)?.[1]?.replaceAll('\\', '/');
    if (name === undefined) {
      if (files.length < MAX_FILES) files.push(filename);
    } else if (!before.has(name)) (started() ? after : before).add(name);
    original.call(this, filename);
  };
  const write = (): void => {
    const notes: Notes = {
      entry: process.argv[1],
      registered: started(),
      before: [...before],
      after: [...after],
      failures: existingHandle<Partial<Started>>()?.instrumentationFailures?.() ?? {},
      files,
    };
    try {
      writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(notes));
    } catch {
      // Without a file, the doctor reports that no process was found.
    }
  };
  process.on('exit', write);
  setTimeout(write, afterMs).unref();
}

const folder = process.env[OUT];
if (folder !== undefined) watch(folder, Number(process.env[AFTER] ?? 3_000));
