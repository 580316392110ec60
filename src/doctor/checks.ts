import { api } from './checks/api.ts';
import { apiCopies } from './checks/api-copies.ts';
import { bundledCheck } from './checks/bundled.ts';
import { clock } from './checks/clock.ts';
import { nodeVersion } from './checks/node-version.ts';
import { otherTracers } from './checks/other-tracers.ts';
import { packageVersions } from './checks/package-versions.ts';
import { place } from './checks/place.ts';
import { rights } from './checks/rights.ts';
import { rules } from './checks/rules.ts';
import { settings } from './checks/settings.ts';
import { startCheck } from './checks/start.ts';
import { tcp } from './checks/tcp.ts';
import { udp } from './checks/udp.ts';
import { versions } from './checks/versions.ts';
import type { Facts } from './facts.ts';
import type { Check, Finding } from './finding.ts';

/** A finding, with the check it comes from. */
export interface NamedFinding extends Finding {
  readonly check: string;
}

/**
 * Every check, in the order in which they are shown: from the process outwards.
 *
 * @param isInstrumented whether a package is one that we trace
 */
export function checks(isInstrumented: (packageName: string) => boolean): readonly Check[] {
  return [
    nodeVersion,
    versions,
    place,
    settings,
    startCheck(isInstrumented),
    bundledCheck(isInstrumented),
    packageVersions(isInstrumented),
    apiCopies,
    otherTracers,
    udp,
    tcp,
    api,
    rights,
    rules,
    clock,
  ];
}

/** Runs the checks over the facts. */
export function examine(list: readonly Check[], facts: Facts): readonly NamedFinding[] {
  return list.flatMap(({ name, find }) =>
    [find(facts)].flat().map((finding) => ({ check: name, ...finding })),
  );
}
