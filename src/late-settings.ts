import type { AwsParameterList } from './instrumentation/aws/aws-parameters.ts';

/**
 * Settings that the X-Ray SDK lets an app change by a call, while the process already runs.
 *
 * The start of the tracer subscribes; a value that is set before is handed over at once.
 */
export interface LateSettings {
  /** `host:port`, or `tcp:host:port udp:host:port`. */
  readonly daemonAddress: string;
  /** Path of a file with sampling rules, or its content. */
  readonly samplingRules: string | object;
  /** Parameters of AWS calls to record. */
  readonly awsParameters: AwsParameterList;
  /** Whether sampling rules of X-Ray are used. */
  readonly centralSampling: boolean;
}

type Listener = (value: never) => void;

const values = new Map<keyof LateSettings, unknown>();
const listeners = new Map<keyof LateSettings, Listener>();

/** Sets a value; returns whether the tracer took it. */
export function setLate<K extends keyof LateSettings>(name: K, value: LateSettings[K]): boolean {
  values.set(name, value);
  const listener = listeners.get(name);
  listener?.(value as never);
  return listener !== undefined;
}

/** Subscribes to a setting. */
export function onLate<K extends keyof LateSettings>(
  name: K,
  listener: (value: LateSettings[K]) => void,
): void {
  listeners.set(name, listener as Listener);
  if (values.has(name)) listener(values.get(name) as LateSettings[K]);
}
