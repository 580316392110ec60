import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Attributes } from '@opentelemetry/api';
import { DEFAULT_DAEMON, endpointText, parseDaemonAddress } from '../daemon-address.ts';
import { rateText } from '../rate-text.ts';
import { httpClient, parseSamplingEndpoint, type SamplingEndpoint } from '../sampler/client.ts';
import { type Explanation, explainRules, requestAttributes } from '../sampler/explain.ts';
import { BUILT_IN_TEXT, localRuleStates } from '../sampler/fallback-rules.ts';
import { parseLocalRules } from '../sampler/local-rules.ts';
import { remoteRules } from '../sampler/remote-rules.ts';
import { serviceInput } from '../sampler/rule-input.ts';
import type { RuleState } from '../sampler/state.ts';

export interface ExplainDeps {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
}

const USAGE = `usage: otel-xray explain [options] METHOD URL [key=value…]

Shows which sampling rule matches a request, and how each field of the rules matches.

  --rules FILE      sampling rules in the format of an X-Ray SDK, "aws xray create-sampling-rule" or
                    "aws xray get-sampling-rules" (default: request the rules from the daemon)
  --daemon ADDRESS  TCP address of the daemon (default: AWS_XRAY_DAEMON_ADDRESS or 127.0.0.1:2000)
  --service NAME    service name (default: OTEL_SERVICE_NAME or AWS_XRAY_TRACING_NAME)
  --resource k=v    resource attribute, for example cloud.platform=aws_ecs (repeatable)
  --json            print the result as JSON
  -h, --help        print this help

key=value is a span attribute of the request, for example tenant=gold.
`;

/**
 * Runs the `otel-xray explain` command.
 *
 * @returns the exit code: 0 if a rule matches the request, 1 if none does or there are no rules,
 *   2 if the arguments are invalid
 */
export async function explainCommand(argv: readonly string[], io: ExplainDeps): Promise<number> {
  let call: Call;
  try {
    call = readCall(argv, io.env);
  } catch (error) {
    io.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (call.isHelp) {
    io.stdout.write(USAGE);
    return 0;
  }
  const found = call.rules === undefined ? await askDaemon(call.daemon) : fromFile(call.rules);
  if ('problem' in found) {
    io.stderr.write(`${found.problem}\n`);
    return 1;
  }
  if (found.warning !== undefined) io.stderr.write(`${found.warning}\n`);
  const explanation: Explanation = {
    source: found.source,
    ignored: undefined,
    ...explainRules(
      found.states,
      requestAttributes(call),
      serviceInput({ resource: call.resource, serviceName: call.service }),
      { wallMs: () => Date.now(), steadyMs: () => performance.now() },
    ),
  };
  io.stdout.write(
    call.isJson ? `${JSON.stringify(explanation, null, 2)}\n` : explanationText(explanation),
  );
  return explanation.rule === undefined ? 1 : 0;
}

interface Call {
  readonly isHelp: boolean;
  readonly isJson: boolean;
  readonly rules: string | undefined;
  readonly daemon: SamplingEndpoint;
  readonly service: string | undefined;
  readonly resource: Attributes;
  readonly method: string;
  readonly url: string;
  readonly attributes: Attributes;
}

/** @throws {TypeError} if an argument is invalid */
function readCall(argv: readonly string[], env: ExplainDeps['env']): Call {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      rules: { type: 'string' },
      daemon: { type: 'string' },
      service: { type: 'string' },
      resource: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [method, url, ...pairs] = positionals;
  const isHelp = values.help === true;
  if (!isHelp && (method === undefined || url === undefined)) {
    throw new TypeError('METHOD and URL are required');
  }
  return {
    isHelp,
    isJson: values.json === true,
    rules: values.rules,
    daemon: daemonOf(values.daemon, env),
    service: values.service ?? (env.OTEL_SERVICE_NAME || env.AWS_XRAY_TRACING_NAME || undefined),
    resource: attributesOf(values.resource ?? []),
    method: method ?? '',
    url: url ?? '',
    attributes: attributesOf(pairs),
  };
}

function daemonOf(option: string | undefined, env: ExplainDeps['env']): SamplingEndpoint {
  if (option !== undefined) return parseSamplingEndpoint(option);
  const address = env.AWS_XRAY_DAEMON_ADDRESS;
  const tcp = address ? parseDaemonAddress(address).tcp : DEFAULT_DAEMON.tcp;
  return { ...tcp, basePath: '' };
}

function attributesOf(pairs: readonly string[]): Attributes {
  return Object.fromEntries(
    pairs.map((pair) => {
      const cut = pair.indexOf('=');
      if (cut < 1) throw new TypeError(`${JSON.stringify(pair)} is not key=value`);
      return [pair.slice(0, cut), pair.slice(cut + 1)];
    }),
  );
}

type Found =
  | {
      readonly source: 'X-Ray' | 'local rules';
      readonly states: readonly RuleState[];
      readonly warning?: string | undefined;
    }
  | { readonly problem: string };

function fromFile(path: string): Found {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { problem: (error as Error).message };
  }
  const { rules, problems } = parseLocalRules(text);
  const problem = `${path} has problems:\n  ${problems.join('\n  ')}`;
  if (rules.length === 0) return { problem };
  const warning = problems.length === 0 ? undefined : problem;
  return { source: 'local rules', states: localRuleStates(rules), warning };
}

async function askDaemon(daemon: SamplingEndpoint): Promise<Found> {
  const address = endpointText(daemon);
  const client = httpClient(daemon, () => Date.now());
  let problem = `no sampling rules from the daemon at ${address}`;
  const rules = remoteRules({
    post: async (path, body, limitMs) => {
      try {
        const reply = await client.post(path, body, limitMs);
        if (reply.status !== 200) problem += `: status ${reply.status}`;
        return reply;
      } catch (error) {
        problem += `: ${(error as { code?: string }).code ?? (error as Error).message}`;
        throw error;
      }
    },
    clock: { wallMs: () => Date.now(), steadyMs: () => performance.now() },
    newClientId: () => '',
    address,
  });
  // The connection is unreferenced, so a timer keeps the process alive until the response arrives.
  const alive = setInterval(() => {}, 1_000);
  await rules.refreshRules();
  clearInterval(alive);
  client.close();
  return rules.states.length === 0 ? { problem } : { source: 'X-Ray', states: rules.states };
}

/** Formats the explanation as text: the rules up to the one that matches, then its state. */
function explanationText(explanation: Explanation): string {
  const { rules, rule: match, state, source, ignored } = explanation;
  const lines: string[] = [];
  if (ignored !== undefined) lines.push(`never sampled: ${ignored}`, '');
  const end = rules.findIndex(({ matches }) => matches);
  for (const rule of rules.slice(0, end < 0 ? rules.length : end + 1)) {
    lines.push(`${checkMark(rule.matches)} ${rule.name}  (priority ${rule.priority})`);
    if (rule.fields.length === 0) lines.push('    matches every request');
    const width = (key: 'field' | 'pattern') =>
      Math.max(0, ...rule.fields.map((verdict) => verdict[key].length));
    const [fieldWidth, patternWidth] = [width('field'), width('pattern')];
    for (const { field, pattern, candidates, matches } of rule.fields) {
      const seen = candidates.length === 0 ? '(no value)' : candidates.join(', ');
      const name = `${field.padEnd(fieldWidth)}  ${pattern.padEnd(patternWidth)}`;
      lines.push(
        `    ${checkMark(matches)} ${name}  ${matches ? 'matches' : 'does not match'} ${seen}`,
      );
    }
  }
  const skipped = end < 0 ? 0 : rules.length - end - 1;
  if (skipped > 0)
    lines.push(`  ${skipped} more ${skipped === 1 ? 'rule' : 'rules'} not evaluated`);
  lines.push('');
  if (match === undefined || state === undefined) {
    if (ignored === undefined)
      lines.push(`No rule matches this request. The fallback applies: ${BUILT_IN_TEXT}.`);
  } else {
    const boost = state.isBoosted ? ' (boosted)' : '';
    lines.push(
      `Matched by ${match} (${source}).`,
      `  reservoir  ${reservoirText(state)}`,
      `  then       ${rateText(state.rate)}${boost} of other requests`,
    );
    if (state.requests > 0) {
      lines.push(
        `  counted    ${state.requests} requests, ${state.sampled} sampled, not reported yet`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function checkMark(matches: boolean): string {
  return matches ? '✓' : '✗';
}

function reservoirText(state: NonNullable<Explanation['state']>): string {
  const { quota, reservoirSize, takenThisSecond, borrowedThisSecond, quotaSecondsLeft } = state;
  if (quota !== undefined) {
    const left =
      quotaSecondsLeft === undefined ? '' : `, for ${quotaSecondsLeft.toFixed(0)} s more`;
    return `${quota} per second for this process${left}; ${takenThisSecond} used this second`;
  }
  if (reservoirSize === 0) return 'none';
  return `${reservoirSize} per second for the account; no quota yet, so this process borrows 1 per second (${borrowedThisSecond} this second)`;
}
