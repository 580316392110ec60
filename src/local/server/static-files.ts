import { readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** Headers that keep the page from loading external content and from running content of documents. */
const SAFETY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types map-layout",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/**
 * Serves a file of the folder. A path without extension that is not a file serves `index.html`,
 * whose script then shows the page.
 *
 * @returns `false` when there is no such file
 */
export function serveFile(directory: string, path: string, response: ServerResponse): boolean {
  const file = fileOf(directory, path);
  if (file === undefined) return false;
  const body = readFileSync(file);
  response.writeHead(200, {
    ...SAFETY,
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': body.length,
    // Names of assets change with their content; the page itself must be revalidated.
    'cache-control': path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
  });
  response.end(body);
  return true;
}

function fileOf(directory: string, path: string): string | undefined {
  let name: string;
  try {
    name = normalize(decodeURIComponent(path));
  } catch {
    return undefined;
  }
  if (name.includes('\0') || name.split(/[/\\]/).includes('..')) return undefined;
  const file = join(directory, name);
  if (!file.startsWith(directory.endsWith(sep) ? directory : directory + sep)) {
    return undefined;
  }
  if (isFile(file)) return file;
  const index = join(directory, 'index.html');
  return extname(name) === '' && isFile(index) ? index : undefined;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
