import { type Signal, signal } from '@preact/signals';
import { readLocal } from './api.ts';
import type { LocalStatus } from './local-types.ts';

/** What arrived since the last change; `version` increases each time. */
export interface Change {
  readonly version: number;
  /** `undefined` after a gap: anything may have changed. */
  readonly traceIds: ReadonlySet<string> | undefined;
}

/** A burst of documents counts as one change; pages reload at most this often. */
const GATHER_MS = 400;

export const connected: Signal<boolean> = signal(true);
export const changes: Signal<Change> = signal({ version: 0, traceIds: undefined });
export const problemsVersion: Signal<number> = signal(0);
export const rulesVersion: Signal<number> = signal(0);
export const status: Signal<LocalStatus | undefined> = signal(undefined);

let gathered: Set<string> | undefined = new Set();
let planned = false;

/** Listens to the local X-Ray for as long as the page is open. */
export function listen(): void {
  const source = new EventSource('/events');
  let opened = false;
  source.onopen = () => {
    connected.value = true;
    // Events before a reconnect were missed.
    if (opened) {
      gathered = undefined;
      problemsVersion.value += 1;
      rulesVersion.value += 1;
    }
    opened = true;
    plan(0);
  };
  source.onerror = () => {
    connected.value = false;
  };
  source.addEventListener('change', ({ data }) => {
    const { traceIds } = JSON.parse(data as string) as { traceIds: readonly string[] };
    for (const id of traceIds) gathered?.add(id);
    plan(GATHER_MS);
  });
  source.addEventListener('problem', () => {
    problemsVersion.value += 1;
    plan(GATHER_MS);
  });
  source.addEventListener('rules', () => {
    rulesVersion.value += 1;
  });
}

function plan(ms: number): void {
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    const traceIds = gathered;
    gathered = new Set();
    if (traceIds === undefined || traceIds.size > 0) {
      changes.value = { version: changes.value.version + 1, traceIds };
    }
    readLocal<LocalStatus>('/local/status').then(
      (read) => {
        status.value = read;
      },
      () => undefined,
    );
  }, ms);
}
