import { build, type Rolldown } from 'vite';
import config from '../../src/local/page/vite.config.ts';

/**
 * Builds the web page of the local X-Ray to `dist/page`.
 *
 * @returns ids of the modules that went in
 */
export async function buildPage(): Promise<readonly string[]> {
  const { output } = (await build({ ...config, configFile: false })) as Rolldown.RolldownOutput;
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}
