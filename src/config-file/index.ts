import { readFileSync } from 'node:fs';
import type { ReadConfigFile } from '../config/file-reader.ts';
import { settingsFromFile } from './settings-from-file.ts';
import { readYaml } from './yaml.ts';

/** Reads a file in OpenTelemetry's declarative configuration format. */
export const readConfigFile: ReadConfigFile = (path, env, table) =>
  settingsFromFile(readYaml(readFileSync(path, 'utf8'), env), table);
