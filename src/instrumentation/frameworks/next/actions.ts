import { join } from 'node:path';
import { type Context, context, type Span, type TimeInput, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { enterContext } from '../../../context-storage.ts';
import { currentTimeOf } from '../../../span-clock.ts';
import { recordOnce } from '../../spans/request-errors.ts';
import { attempt } from '../../wrap/guard.ts';
import { type AnyFunction, like } from '../../wrap/same-shape.ts';
import { wrapMethods } from '../../wrap/wrap-class.ts';
import { type Patch, STORAGES, type StartTask, type Storage, withStorage } from './files.ts';

const NAME = 'next';
const SERVER = join('next', 'dist', 'server', 'base-server.js');

/** Name of an action that is not exported: a function inside a component. */
const INLINE = /^\$\$RSC_SERVER_ACTION_/;

/** The parts of the objects of Next.js that are read here. */
interface ActionStore {
  readonly isAction?: boolean;
  readonly isAppRoute?: boolean;
}
interface WorkStore {
  readonly pathWasRevalidated?: unknown;
}
interface IncomingRequest {
  readonly headers?: Readonly<Record<string, unknown>>;
}
interface ServerExports {
  readonly default?: { readonly prototype?: Partial<Record<'handleRequestImpl', AnyFunction>> };
}
interface ActionInfo {
  readonly exportedName?: unknown;
  readonly filename?: unknown;
}

/** A server action that a request has called. */
interface Action {
  readonly span: Span;
  /** The context around it, in which the page is rendered afterwards. */
  readonly outer: Context;
  /** When it returned, on the clock of its span; `undefined` while it runs. */
  ended?: TimeInput;
}

/** Actions, and headers `next-action`, by the segment of their request. */
const actions = new WeakMap<Span, Action>();
const ids = new WeakMap<Span, string>();

interface Storages {
  action?: Storage;
  unit?: Storage;
  work?: Storage;
}
const storages: Storages = {};

/**
 * Returns patches that make a subsegment of each server action.
 *
 * Nothing is put around the action or its promise: Next.js computes the digest that it sends to the browser
 * from the stack of an error, and V8 follows a promise only if one function waits for it.
 */
export function actionPatches(start: StartTask): Readonly<Record<string, Patch>> {
  const keep = (key: keyof Storages) => (it: Storage) => {
    storages[key] = it;
  };
  return {
    [SERVER]: noteIds,
    [STORAGES.action]: withStorage('actionAsyncStorage', keep('action')),
    [STORAGES.work]: withStorage('workAsyncStorage', keep('work')),
    [STORAGES.unit]: withStorage('workUnitAsyncStorage', (it) => watchRuns(it, start)),
  };
}

/** Returns the span of the action of a request that a reported error belongs to. */
export function failedAction(segment: Span): Span | undefined {
  const { span, ended } = actions.get(segment) ?? {};
  if (span?.isRecording() !== true) return undefined;
  // An error of the page that is rendered after the action looks the same.
  const work = storages.work?.getStore() as WorkStore | undefined;
  return ended === undefined || !work?.pathWasRevalidated ? span : undefined;
}

function segmentOf(active: Context): Span | undefined {
  return getRPCMetadata(active)?.span ?? trace.getSpan(active);
}

/** Notes which action each request calls. */
function noteIds(exports: unknown): unknown {
  const { prototype } = (exports as ServerExports).default ?? {};
  if (prototype === undefined) return exports;
  wrapMethods(prototype, {
    handleRequestImpl: (handle) =>
      like(handle, function (this: unknown, request, ...args): unknown {
        attempt(NAME, () => {
          const id = (request as IncomingRequest).headers?.['next-action'];
          const segment = typeof id === 'string' ? segmentOf(context.active()) : undefined;
          if (segment !== undefined) ids.set(segment, id as string);
        });
        return handle.call(this, request, ...args);
      }),
  });
  return exports;
}

/** Next.js reads `run` just before it calls an action with it, and before it renders the page. */
function watchRuns(storage: Storage, start: StartTask): void {
  const { run, exit } = storage;
  let isBusy = false;
  const busily = <T>(work: () => T): T => {
    const was = isBusy;
    isBusy = true;
    try {
      return work();
    } finally {
      isBusy = was;
    }
  };
  // Node.js implements `exit` by `run`, and Next.js calls it in functions such as `Math.random`.
  storage.exit = like(exit, function (this: unknown, ...args): unknown {
    return busily(() => exit.apply(this, args));
  });
  Object.defineProperty(storage, 'run', {
    configurable: true,
    get: () => {
      // Inside, an action or a page reads it, such as for a `fetch`.
      const isOutside = !isBusy && storage.getStore() === undefined;
      if (isOutside) attempt(NAME, () => busily(() => onRun(start)));
      return run;
    },
  });
}

function onRun(start: StartTask): void {
  const active = context.active();
  const segment = segmentOf(active);
  if (segment === undefined) return;
  const action = actions.get(segment);
  if (action === undefined) {
    const { isAction, isAppRoute } = (storages.action?.getStore() ?? {}) as ActionStore;
    if (isAction === true && isAppRoute !== true) startAction(start, segment, active);
    return;
  }
  action.ended ??= currentTimeOf(action.span);
  if (trace.getSpan(active) === action.span) enterContext(action.outer);
}

/** Starts the span of an action, which ends with the request: an error is reported later. */
function startAction(start: StartTask, segment: Span, outer: Context): void {
  const id = ids.get(segment);
  const { exportedName, filename } = attempt(NAME, () => actionInfo(id)) ?? {};
  const isNamed = typeof exportedName === 'string' && !INLINE.test(exportedName);
  const span = start('ServerAction', isNamed ? `server action ${exportedName}` : 'server action', {
    ...(id !== undefined && { 'next.action.id': id }),
    ...(typeof filename === 'string' && { 'next.action.file': filename }),
  });
  if (span === undefined) return;
  const action: Action = { span, outer };
  actions.set(segment, action);
  const { end, recordException } = segment;
  // The error of an action, while Next.js writes the response.
  segment.recordException = function (this: Span, error, time): void {
    const failed = attempt(NAME, () => failedAction(segment));
    if (failed === undefined) recordException.call(this, error, time);
    else recordOnce(failed, error);
  };
  segment.end = function (this: Span, time): void {
    span.end(action.ended);
    end.call(this, time);
  };
  enterContext(trace.setSpan(outer, span));
}

/** Reads name and file of an action from the manifest of the build that Next.js has loaded. */
function actionInfo(id: string | undefined): ActionInfo | undefined {
  if (id === undefined) return undefined;
  const global = globalThis as unknown as Readonly<Record<symbol, unknown>>;
  // The first one in Next.js 16, the second one in 15.
  const manifests =
    global[Symbol.for('next.server.manifests')] ??
    global[Symbol.for('next.server.action-manifests')];
  const { serverActionsManifest } = Object(manifests) as {
    readonly serverActionsManifest?: {
      readonly node?: Readonly<Record<string, ActionInfo | undefined>>;
    };
  };
  return serverActionsManifest?.node?.[id];
}
