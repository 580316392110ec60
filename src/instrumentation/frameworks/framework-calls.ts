import { isSpanContextValid, trace } from '@opentelemetry/api';
import { packageOfFile } from '../loading/module-load.ts';

/** Packages with commands of frameworks, such as `next dev`. */
const COMMANDS: ReadonlySet<string> = new Set(['next', 'nuxt', '@nuxt/cli', 'nitro', 'astro']);

/** Where these commands report their use, and look for updates and advisories. */
const OWN_CALL =
  /^https:\/\/telemetry\.(?:nextjs\.org|nuxt\.com|astro\.build)\/|\/-\/(?:npm\/v1\/security\/advisories\/bulk|package\/[^/]+\/dist-tags)$|\/astro\/latest$/;

interface FetchRequest {
  readonly origin?: unknown;
  readonly path?: unknown;
}

/**
 * Returns whether a command of a framework makes a call for itself, outside a request; an `ignoreRequestHook`.
 *
 * @param script the main script of the process
 */
export function isOwnCallOfFramework(
  { origin, path }: FetchRequest,
  script: string | undefined = process.argv[1],
): boolean {
  if (!OWN_CALL.test(`${origin}${path}`)) return false;
  // A span of the framework that is dropped is active as well.
  const around = trace.getActiveSpan()?.spanContext();
  if (around !== undefined && isSpanContextValid(around)) return false;
  return COMMANDS.has(packageOfFile(script ?? '')?.packageName ?? '');
}

/** Packages whose command `dev` forwards each request to a worker that runs the app. */
const FORWARDING: ReadonlySet<string> = new Set([
  'nuxt',
  'nuxi',
  '@nuxt/cli',
  'nitro',
  'nitropack',
]);

/**
 * Returns whether this process only forwards requests to the worker that runs the app. The worker has the
 * segments.
 *
 * @param args those of the process, from its main script on
 */
export function forwardsRequests(
  [script = '', command = '']: readonly string[] = process.argv.slice(1),
  isMainThread: () => boolean = () => process.getBuiltinModule('node:worker_threads').isMainThread,
): boolean {
  if (!/^_?dev$/.test(command)) return false;
  return FORWARDING.has(packageOfFile(script)?.packageName ?? '') && isMainThread();
}
