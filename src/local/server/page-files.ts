import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Possible folders of the built page: beside the bundle or its chunks, or in the repository. */
const PLACES = ['page', '../page', '../../../dist/page'];

/**
 * Returns the folder of the built web page; `undefined` where it was not built. Sources have no
 * `assets`.
 */
export function builtPage(here: string = import.meta.dirname): string | undefined {
  return PLACES.map((place) => join(here, place)).find((folder) =>
    existsSync(join(folder, 'assets')),
  );
}
