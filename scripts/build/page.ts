import { build, type Rolldown } from 'vite';
import config from '../../src/local/page/vite.config.ts';

/**
 * Builds the web page of the local X-Ray.
 *
 * @param directory emptied first; default `dist/page`
 * @returns ids of the modules that went in
 */
export async function buildPage(directory?: string): Promise<readonly string[]> {
  const place = directory === undefined ? {} : { outDir: directory };
  const built = await build({ ...config, configFile: false, build: { ...config.build, ...place } });
  const { output } = built as Rolldown.RolldownOutput;
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}
