import { VERSION } from './version.ts';

/**
 * Returns the address of a page of the documentation, in this version, for messages: the package does
 * not contain the pages.
 *
 * @param page name of the file in `docs/` without `.md`
 */
export function docsUrl(page: string): string {
  return `https://github.com/otel-xray/otel-xray/blob/v${VERSION}/docs/${page}.md`;
}
