/**
 * Compares the sampling rate of a fleet with that of one process with the same traffic. `support/fleet.ts`
 * describes the simulation and the model of X-Ray.
 *
 *   npx node benchmarks/fleet.ts [--json]
 */
import { type FleetOptions, type FleetResult, simulateFleet } from './support/fleet.ts';

const BASE = { reservoir: 50, rate: 0.05, warmSeconds: 30, seconds: 40 };
const PER_PROCESS = 10;

const SCENARIOS: readonly {
  readonly name: string;
  readonly options: Partial<FleetOptions> & Pick<FleetOptions, 'load'>;
}[] = [
  { name: 'steady load', options: { load: () => PER_PROCESS } },
  {
    name: 'steady, quotas last one interval',
    options: { load: () => PER_PROCESS, quotaSeconds: 10 },
  },
  {
    name: 'bursts of five times the load',
    options: { load: (t) => (t % 20 < 5 ? 5 : 1) * PER_PROCESS },
  },
  { name: 'processes live a minute', options: { load: () => PER_PROCESS, lifeSeconds: 60 } },
  {
    name: 'control plane out',
    options: { load: () => PER_PROCESS, isOut: (t) => t >= 30 && t < 70 },
  },
  {
    name: 'after such an outage',
    options: { load: () => PER_PROCESS, warmSeconds: 90, isOut: (t) => t >= 30 && t < 70 },
  },
];

interface Row extends FleetResult {
  readonly scenario: string;
  readonly processes: number;
}

const rows: Row[] = [];
for (const processes of [1, 10, 1_000, 10_000]) {
  for (const { name, options } of SCENARIOS) {
    rows.push({ scenario: name, processes, ...simulateFleet({ ...BASE, processes, ...options }) });
  }
}

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ node: process.version, ...BASE, rows }, null, 2));
} else {
  console.log(
    `Reservoir ${BASE.reservoir}/s, then ${BASE.rate * 100}%; ${PER_PROCESS} requests/s a process\n`,
  );
  console.log('| processes | scenario | requests/s | wanted/s | sampled/s | error | reported |');
  console.log('|---|---|---|---|---|---|---|');
  for (const { processes, scenario, requests, wanted, sampled, error, reported } of rows) {
    const cells = [
      processes.toLocaleString('en'),
      scenario,
      ...[requests, wanted, sampled].map((n) => n.toFixed(1)),
    ];
    console.log(`| ${cells.join(' | ')} | ${percent(error)} | ${percent(reported)} |`);
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
