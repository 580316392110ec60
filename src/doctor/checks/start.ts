import { basename } from 'node:path';
import type { Facts, StartFacts } from '../facts.ts';
import { type Check, type Finding, fail, info, ok, warn } from '../finding.ts';

const FLAG = 'node --import otel-xray/register';

/** Whether the start of the app loads us, and before everything else. */
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
          `${early.join(', ')} loaded before otel-xray/register, so nothing of it is traced`,
          `Start with ${FLAG} ${nameOf(start)}, and put that flag before any other --import or --require.`,
        );
      }
      const traced = start.after.filter(isInstrumented);
      return ok(
        `otel-xray/register ran first${traced.length > 0 ? `; traced: ${traced.join(', ')}` : ''}`,
      );
    },
  };
}

function missing(start: StartFacts): Finding {
  const kind = start.esm
    ? 'is an ES module, whose imports run before any code of its own, and nothing loads'
    : 'runs without';
  const end = start.exitCode ? ` (the command ended with ${start.exitCode})` : '';
  return fail(
    'register-missing',
    `${nameOf(start)} ${kind} otel-xray/register${end}`,
    `Start with ${FLAG} ${nameOf(start)}, or set NODE_OPTIONS="--import otel-xray/register".`,
  );
}

function nothing(): Finding {
  return warn(
    'register-missing',
    'no Node process was seen when the command ran',
    'Give the command that starts the app, as in otel-xray doctor -- node app.js.',
  );
}

function withoutCommand(nodeOptions: string | undefined): Finding {
  return nodeOptions?.includes('otel-xray/register')
    ? ok('NODE_OPTIONS loads otel-xray/register')
    : info('not looked at; give the command to watch its start: otel-xray doctor -- node app.js');
}

function nameOf({ entry }: StartFacts): string {
  return entry === undefined ? 'app.js' : basename(entry);
}
