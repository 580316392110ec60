import { createRequire } from 'node:module';
import { infoOnce } from '../../diagnostics.ts';
import { hookName, type LoadedFile } from './module-load.ts';

const require = createRequire(import.meta.url);

/** Packages of the X-Ray SDK, and packages that contain a part of it under another name. */
const PREFIX = 'aws-xray-sdk';

/** Returns whether a package is one of the X-Ray SDK. */
export function isXRaySdk(packageName: string): boolean {
  return packageName.startsWith(PREFIX);
}

interface Packages {
  exportsOf(packageOrFile: string): unknown;
}

/**
 * Returns the replacement of a file of the X-Ray SDK: the same names on OpenTelemetry spans.
 *
 * The SDK itself is not loaded, so it neither patches `http` a second time nor opens another
 * socket.
 */
export function xraySdkReplacement(
  file: LoadedFile,
  filename: string,
): { readonly exports: unknown } | undefined {
  if (!isXRaySdk(file.packageName)) return undefined;
  return replacementOf(hookName(file, filename).replaceAll('\\', '/'));
}

/**
 * Returns the replacement of a package or file of the X-Ray SDK by its name.
 *
 * @param name with `/` as separator, e.g. `aws-xray-sdk-core/dist/lib/aws-xray.js`
 */
export function replacementOf(name: string): { readonly exports: unknown } | undefined {
  const { exportsOf } = require('./xray-sdk-packages.cjs') as Packages;
  const exports = exportsOf(name);
  if (exports === undefined) return undefined;
  infoOnce(
    `${name.split('/')[0]} is answered by otel-xray/xray-sdk; OTEL_XRAY_SDK_FACADE=off loads the X-Ray SDK itself`,
    'X-Ray SDK facade',
  );
  return { exports };
}
