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
import { transactionSearch } from './checks/transaction-search.ts';
import { udp } from './checks/udp.ts';
import { versions } from './checks/versions.ts';
import type { Facts } from './facts.ts';
import type { Check, Finding } from './finding.ts';

/** A finding with the name of its check. */
export interface NamedFinding extends Finding {
  readonly check: string;
}

/**
 * Returns all checks in the order of the report: first the process, then the network.
 *
 * @param isInstrumented returns whether otel-xray instruments a package
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
    transactionSearch,
    clock,
  ];
}

/** Runs the checks on the facts. */
export function examine(list: readonly Check[], facts: Facts): readonly NamedFinding[] {
  return list.flatMap(({ name, find }) =>
    [find(facts)].flat().map((finding) => ({ check: name, ...finding })),
  );
}
