/** The parts of an SDK resource that are read. */
interface RegionSource {
  readonly attributes: Readonly<Record<string, unknown>>;
  waitForAsyncAttributes?(): Promise<void>;
}

let source: RegionSource | undefined;

/** Uses the region of a resource where neither the environment nor a profile names one. */
export function useRegionOf(resource: RegionSource): void {
  source = resource;
}

/** The region of the platform, from its metadata. */
export const platformRegion = {
  now(): string | undefined {
    const region = source?.attributes['cloud.region'];
    return typeof region === 'string' ? region : undefined;
  },
  async later(): Promise<string | undefined> {
    await source?.waitForAsyncAttributes?.();
    return platformRegion.now();
  },
} as const;
