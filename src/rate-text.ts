/** Returns a rate as a percentage: `0.05` as `5%`, `0.0125` as `1.25%`. */
export function rateText(rate: number): string {
  return `${Number((rate * 100).toPrecision(4))}%`;
}
