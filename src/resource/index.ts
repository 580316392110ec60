import type { Attributes } from '@opentelemetry/api';
import type { Detector, ResourceDeps } from './detector.ts';
import { appRunnerDetector } from './detectors/app-runner.ts';
import { beanstalkDetector } from './detectors/beanstalk.ts';
import { containerDetector } from './detectors/container.ts';
import { ec2Detector } from './detectors/ec2.ts';
import { ecsDetector } from './detectors/ecs.ts';
import { eksDetector } from './detectors/eks.ts';
import { envDetector } from './detectors/env.ts';
import { lambdaDetector } from './detectors/lambda.ts';
import {
  hostDetector,
  osDetector,
  processDetector,
  serviceInstanceDetector,
} from './detectors/machine.ts';

export { asyncResource } from './async-resource.ts';
export type { DetectedResource } from './detected-resource.ts';

import type { DetectedResource } from './detected-resource.ts';

export { deferExport } from './defer-export.ts';
export type { ResourceDeps } from './detector.ts';
export { systemDeps } from './system.ts';

/**
 * Name → detector in order of increasing precedence: of two detectors with the same attribute, the
 * later one applies. AWS services override general detectors and EC2; the environment overrides all.
 */
const DETECTORS: Readonly<Record<string, Detector>> = {
  process: processDetector,
  os: osDetector,
  host: hostDetector,
  serviceinstance: serviceInstanceDetector,
  // The code of these is loaded when they are needed.
  container: { detectAsync: (deps) => containerDetector.detectAsync(deps) },
  ec2: {
    detectAsync: (deps) => ec2Detector.detectAsync(deps),
    isLikely: (deps) => ec2Detector.isLikely(deps),
  },
  ecs: {
    detect: (deps) => (deps.env['ECS_CONTAINER_METADATA_URI_V4'] ? ecsDetector.detect(deps) : {}),
    detectAsync: (deps) => ecsDetector.detectAsync(deps),
  },
  eks: eksDetector,
  apprunner: appRunnerDetector,
  beanstalk: beanstalkDetector,
  lambda: lambdaDetector,
  env: envDetector,
};

const AWS: readonly string[] = ['ec2', 'ecs', 'eks', 'beanstalk', 'lambda'];

/** Names in `OTEL_NODE_RESOURCE_DETECTORS` for several detectors, or for none. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  aws: AWS,
  all: ['env', 'process', 'os', 'host', 'serviceinstance', 'container', ...AWS],
  none: [],
  gcp: [],
  azure: [],
  alibaba: [],
};

/** The default in Lambda, where the environment contains everything. */
export const LAMBDA_DETECTORS: readonly string[] = ['env', 'lambda'];

/** Time limit of {@link DetectedResource.detectAll}, for all detectors together. */
const DETECTION_TIMEOUT_MS = 2_000;

/**
 * Detects where the process runs.
 *
 * @param names as in `OTEL_NODE_RESOURCE_DETECTORS`, in any order; unknown names log one warning
 * @param deps `systemDeps(env)` outside tests
 */
export function detectResource(
  names: readonly string[],
  deps: ResourceDeps,
  limitMs: number = DETECTION_TIMEOUT_MS,
): DetectedResource {
  const detectors = selectedDetectors(names, deps);
  const detected = detectors.map(([name, { detect }]) => detectSync(name, detect, deps));
  let answer: Promise<Attributes> | undefined;
  return {
    initial: merge(detected),
    detectAll() {
      answer ??= detectAsync(detectors, deps, limitMs).then((found) =>
        // Asynchronous attributes of a detector must not override a detector of higher precedence.
        merge(detectors.flatMap((_, index) => [detected[index] ?? {}, found[index] ?? {}])),
      );
      return answer;
    },
  };
}

type Chosen = readonly (readonly [name: string, detector: Detector])[];

function selectedDetectors(names: readonly string[], deps: ResourceDeps): Chosen {
  const wanted = new Set<string>();
  for (const name of names.map((text) => text.trim().toLowerCase())) {
    const group = GROUPS[name] ?? (Object.hasOwn(DETECTORS, name) ? [name] : undefined);
    if (group === undefined) {
      const all = [...Object.keys(DETECTORS), ...Object.keys(GROUPS)].join(', ');
      deps.warn(
        `unknown resource detector ${JSON.stringify(name)} is ignored; expected one of ${all}`,
      );
    }
    for (const member of group ?? []) wanted.add(member);
  }
  return Object.entries(DETECTORS).filter(([name]) => wanted.has(name));
}

function detectSync(name: string, now: Detector['detect'], deps: ResourceDeps): Attributes {
  try {
    return now?.(deps) ?? {};
  } catch (error) {
    deps.warn(`resource detector ${name}: ${textOfError(error)}`);
    return {};
  }
}

async function detectAsync(
  detectors: Chosen,
  deps: ResourceDeps,
  limitMs: number,
): Promise<readonly Attributes[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no response within ${limitMs} ms`)), limitMs);
    timer.unref?.();
  });
  const answers = detectors.map(async ([name, { detectAsync, isLikely }]) => {
    if (detectAsync === undefined) return {};
    try {
      return await Promise.race([detectAsync(deps), limit]);
    } catch (error) {
      const log = isLikely?.(deps) === false ? deps.info : deps.warn;
      log(`resource detector ${name} failed; its attributes are missing: ${textOfError(error)}`);
      return {};
    }
  });
  const found = await Promise.all(answers);
  clearTimeout(timer);
  return found;
}

function merge(parts: readonly Attributes[]): Attributes {
  return Object.assign({}, ...parts) as Attributes;
}

function textOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
