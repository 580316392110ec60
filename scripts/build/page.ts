import { build } from 'vite';
import config from '../../src/local/page/vite.config.ts';

/** Builds the web page of the local X-Ray to `dist/page`. */
export async function buildPage(): Promise<void> {
  await build({ ...config, configFile: false });
}
