import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type LocalXRay, type LocalXRayOptions, startLocalXRay } from '../../../src/local/index.ts';
import { meetsRequirement } from '../../support/requirements.ts';
import { pageDirectory } from './page-directory.ts';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
];

/** Returns whether the browser is installed; prints the reason for a skip if not. */
export function hasChromium(): boolean {
  return meetsRequirement(
    existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}; install the Debian package chromium`,
  );
}

/** An open page, and everything it did wrong. */
export interface Visit {
  readonly page: Page;
  /** Errors, warnings, dialogs, and requests to other addresses. */
  readonly complaints: readonly string[];
}

export interface Site {
  /** A local X-Ray with the page, closed when the test ends. */
  readonly start: (options?: LocalXRayOptions) => Promise<LocalXRay>;
  /** Opens a view of the page in a new browser context. */
  readonly visit: (
    xray: LocalXRay,
    hash?: string,
    options?: BrowserContextOptions,
  ) => Promise<Visit>;
}

/** One browser for all tests of a file. */
export function useSite(): Site {
  let browser: Browser | undefined;
  let directory = '';
  beforeAll(async () => {
    directory = await pageDirectory();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  });
  afterAll(() => browser?.close());
  return {
    start: async (options = {}) => {
      const xray = await startLocalXRay({
        port: 0,
        quietMs: 20,
        pageDirectory: directory,
        ...options,
      });
      onTestFinished(() => xray.close());
      return xray;
    },
    visit: async (xray, hash = '', options = {}) => {
      const context = await (browser as Browser).newContext({
        viewport: { width: 1280, height: 800 },
        ...options,
      });
      onTestFinished(() => context.close());
      const page = await context.newPage();
      // Shorter than the timeout of the test, so that the message names the locator.
      page.setDefaultTimeout(100_000);
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(`${xray.url}/`)) complaints.push(`asks ${request.url()}`);
      });
      await page.goto(`${xray.url}/${hash}`);
      await page.locator('main > *').first().waitFor();
      return { page, complaints };
    },
  };
}

/** Whether the page scrolls horizontally. */
export async function isWiderThanWindow(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(
    "[document.documentElement, document.querySelector('main')].some((e) => e.scrollWidth > e.clientWidth)",
  );
}
