import { basename } from 'node:path';
import type { Facts, StartFacts } from '../facts.ts';
import { type Check, type Finding, fail, info, ok, warn } from '../finding.ts';

const FLAG = 'node --import otel-xray/register';

/** Checks whether the application loads otel-xray, and loads it before any library. */
export function startCheck(isInstrumented: (packageName: string) => boolean): Check {
  return {
    name: 'start',
    find: ({ start, env }: Facts): Finding => {
      if (start === undefined) return withoutCommand(env['NODE_OPTIONS']);
      if (start === 'nothing') return nothing();
      if (!start.registered) return missing(start);
      const early = start.before.filter(isInstrumented);
      if (early.length > 0) {
        return fail(
          'loaded-early',
          `loaded before otel-xray/register and not traced: ${early.join(', ')}`,
          `Start with ${FLAG} ${nameOf(start)}, and put this flag before any other --import or --require.`,
        );
      }
      const failures = Object.entries(start.failures);
      if (failures.length > 0) return failed(failures);
      const traced = start.after.filter(isInstrumented);
      return ok(
        `otel-xray/register was loaded first${traced.length > 0 ? `; traced: ${traced.join(', ')}` : ''}`,
      );
    },
  };
}

function failed(failures: readonly (readonly [name: string, count: number])[]): Finding {
  const names = failures.map(([name]) => name).join(',');
  const counts = failures.map(([name, count]) => `${name} (${count})`).join(', ');
  return warn(
    'instrumentation-failed',
    `errors in instrumentations: ${counts}; spans or their attributes are missing`,
    `Report the message that the application logs. OTEL_NODE_DISABLED_INSTRUMENTATIONS=${names} turns them off.`,
  );
}

function missing(start: StartFacts): Finding {
  const kind = start.esm
    ? 'is an ES module, whose imports are evaluated before its own code, and it runs without'
    : 'runs without';
  const end = start.exitCode ? ` (the command exited with code ${start.exitCode})` : '';
  return fail(
    'register-missing',
    `${nameOf(start)} ${kind} otel-xray/register${end}`,
    `Start with ${FLAG} ${nameOf(start)}, or set NODE_OPTIONS="--import otel-xray/register".`,
  );
}

function nothing(): Finding {
  return warn(
    'register-missing',
    'the command did not run a Node.js process',
    'Specify the command that starts the application, for example: otel-xray doctor -- node app.js',
  );
}

function withoutCommand(nodeOptions: string | undefined): Finding {
  return nodeOptions?.includes('otel-xray/register')
    ? ok('NODE_OPTIONS loads otel-xray/register')
    : info(
        'not checked; specify the command that starts the application: otel-xray doctor -- node app.js',
      );
}

function nameOf({ entry }: StartFacts): string {
  return entry === undefined ? 'app.js' : basename(entry);
}
