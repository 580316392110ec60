import { build } from 'vite';
import config from '../../src/local/page/vite.config.ts';

/**
 * Builds the web page of the local X-Ray.
 *
 * @param directory emptied first; default `dist/page`
 */
export async function buildPage(directory?: string): Promise<void> {
  const place = directory === undefined ? {} : { outDir: directory };
  await build({ ...config, configFile: false, build: { ...config.build, ...place } });
}
