/**
 * `npm run bench -- --quick`: about two minutes instead of a quarter of an hour, with figures that show
 * a change of a tenth. The scripts of the subjects are child processes and inherit the variable.
 */
const VARIABLE = 'OTEL_XRAY_BENCH_QUICK';

if (process.argv.includes('--quick')) process.env[VARIABLE] = '1';

export const isQuick: boolean = process.env[VARIABLE] === '1';

/** Returns the number to use: of rounds, turns, starts or requests. */
export function scaled(usual: number, quick: number): number {
  return isQuick ? quick : usual;
}
