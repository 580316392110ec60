import { useEffect, useState } from 'preact/hooks';
import type { PlacedMap, Shape, Size } from './layout.ts';
import type { LayoutRequest } from './layout-worker.ts';
import workerUrl from './layout-worker.ts?worker&url';

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const policy = trustedTypes?.createPolicy('map-layout', { createScriptURL: (url) => url });

let worker: Worker | undefined;
let lastNumber = 0;
const waiting = new Map<number, (placed: PlacedMap) => void>();

/** Returns the one worker for all maps, started with the first. */
function layoutWorker(): Worker {
  if (worker !== undefined) return worker;
  worker = new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl);
  worker.addEventListener('message', ({ data }) => {
    const { number, placed } = data as { number: number; placed: PlacedMap };
    waiting.get(number)?.(placed);
    waiting.delete(number);
  });
  return worker;
}

/**
 * Returns the layout of a map in a frame, made by a worker. The layout before stays until the new
 * one is there; `undefined` until the first one is.
 */
export function useLayout({ nodes, edges }: Shape, frame: Size | undefined): PlacedMap | undefined {
  const [placed, setPlaced] = useState<PlacedMap | undefined>(undefined);
  const names = JSON.stringify([nodes.map(({ key }) => key), edges.map(({ key }) => key)]);
  useEffect(() => {
    if (frame === undefined) return;
    const request: LayoutRequest = {
      number: ++lastNumber,
      shape: {
        nodes: nodes.map(({ key }) => ({ key })),
        edges: edges.map(({ key, from, to }) => ({ key, from, to })),
      },
      frame,
    };
    waiting.set(request.number, setPlaced);
    layoutWorker().postMessage(request);
    return () => {
      waiting.delete(request.number);
    };
  }, [names, frame?.width, frame?.height]);
  return placed;
}
