import type { ServerResponse } from 'node:http';

const MAX_LISTENERS = 50;
/** Stop writing to a page that does not read; it reloads after it reconnects. */
const MAX_WAITING_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 15_000;

/** Sends server-sent events to the connected pages. */
export class EventStream {
  readonly #listeners = new Set<ServerResponse>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor() {
    this.#heartbeat = setInterval(() => this.#write(': still here\n\n'), HEARTBEAT_MS).unref();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** @returns `false` when there are too many connections */
  add(response: ServerResponse): boolean {
    if (this.#listeners.size >= MAX_LISTENERS) return false;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
    return true;
  }

  send(event: string, data: unknown): void {
    if (this.#listeners.size === 0) return;
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const response of this.#listeners) response.end();
    this.#listeners.clear();
  }

  #write(text: string): void {
    for (const response of this.#listeners) {
      if (response.writableLength < MAX_WAITING_BYTES) response.write(text);
    }
  }
}
