import { copyInput } from './input-copy.ts';

/** Copies the arguments that a wrapper changes. */
export type CopyArguments = (args: readonly unknown[]) => unknown[];

/** Copies one argument to this depth. */
const copyOf =
  (index: number, depth: number): CopyArguments =>
  (args) =>
    args.map((arg, at) => (at === index ? copied(arg, depth) : arg));

function copied(value: unknown, depth: number): unknown {
  const { copy, isFaithful } = copyInput(value, depth);
  return isFaithful ? copy : value;
}

/** An error used as metadata cannot be copied property by property. */
const copyPlainObjects: CopyArguments = (args) =>
  args.map((arg) => (isPlain(arg) ? { ...(arg as object) } : arg));

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Metadata of gRPC, to which headers are added. */
interface Metadata {
  readonly internalRepr: unknown;
  getMap(): unknown;
  clone(): unknown;
}

const copyMetadata: CopyArguments = (args) =>
  args.map((arg) => (isMetadata(arg) ? arg.clone() : arg));

function isMetadata(value: unknown): value is Metadata {
  const { internalRepr, getMap, clone } = (value ?? {}) as Partial<Metadata>;
  return internalRepr !== undefined && typeof getMap === 'function' && typeof clone === 'function';
}

/** The arguments that upstream's wrappers write to, by instrumentation and wrapped function. */
const COPIES: Readonly<Record<string, (name: string) => CopyArguments | undefined>> = {
  // Options, whose `headers` get the trace.
  amqplib: (name) => (name === 'publish' ? copyOf(3, 1) : undefined),
  grpc: () => copyMetadata,
  // `headers` of each message; the functions of a consumer.
  kafkajs: (name) => ({ run: copyOf(0, 0), send: copyOf(0, 3), sendBatch: copyOf(0, 5) })[name],
  // The callback of a query.
  pg: (name) => (name === 'query' ? copyPlainObjects : undefined),
  winston: (name) => (name === 'write' || name === 'log' ? copyPlainObjects : undefined),
};

/**
 * Returns how to copy the arguments of a wrapped function before they are passed to its wrapper, so
 * that the wrapper changes no object of the app.
 *
 * @returns `undefined` where the wrapper only reads them
 */
export function argumentCopies(
  instrumentation: string,
  name: PropertyKey,
): CopyArguments | undefined {
  return COPIES[instrumentation]?.(String(name));
}
