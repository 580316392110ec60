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

/** Returns the region of the platform, once its metadata is known. */
export async function platformRegion(): Promise<string | undefined> {
  await source?.waitForAsyncAttributes?.();
  const region = source?.attributes['cloud.region'];
  return typeof region === 'string' ? region : undefined;
}
