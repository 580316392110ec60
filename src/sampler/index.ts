import {
  type Attributes,
  type Context,
  type Link,
  type SpanContext,
  type SpanKind,
  trace,
} from '@opentelemetry/api';
import { endpointText } from '../daemon-address.ts';
import { warnOnce } from '../diagnostics.ts';
import { keepAlive } from '../keep-alive.ts';
import { isDeferred } from '../propagation/span-context-flags.ts';
import {
  type AdaptiveHooks,
  AdaptiveSampling,
  type RequestOutcome,
  ruleHash,
  withRuleHash,
} from './boost.ts';
import {
  type ExplainRequest,
  type Explanation,
  explainRules,
  type RuleSource,
  requestAttributes,
} from './explain.ts';
import { BUILT_IN_RULE, localRuleStates } from './fallback-rules.ts';
import { HEALTH_CHECKERS, type IgnoreReason, ignoredRequests } from './ignore.ts';
import {
  type SamplerStatus,
  samplingEndpoint,
  validPollingInterval,
  type XRaySamplerOptions,
} from './options.ts';
import type { Lease } from './process-singleton.ts';
import type { RemoteRules } from './remote-rules.ts';
import { type Clock, decide } from './reservoir.ts';
import { indexRules, type RuleIndex } from './rule-index.ts';
import { type ServiceInput, type ServiceOptions, serviceInput } from './rule-input.ts';
import { leaseRemoteRules, REAL_CLOCK } from './shared-poller.ts';
import type { RuleState } from './state.ts';
import type { RespectParent, SdkSampler, SdkSamplingResult } from './types.ts';
import { isWithoutSampling } from './without-sampling.ts';

export type { ExplainRequest, Explanation } from './explain.ts';
export { type LocalRules, readLocalRules } from './local-rules.ts';
export type { SamplerStatus, XRaySamplerOptions } from './options.ts';
export type { RemoteRuleCounts } from './remote-rules.ts';
export type { SamplingRule } from './rule.ts';
export { rulesFromFile } from './rules-file.ts';
export type { SamplerDeps } from './shared-poller.ts';
export type { RespectParent, SdkSampler, SdkSamplingResult } from './types.ts';
export { withoutSampling } from './without-sampling.ts';

/** CLIENT and PRODUCER: calls to other services. */
const OUTGOING: ReadonlySet<SpanKind> = new Set([2, 3]);
const DROPPED: SdkSamplingResult = Object.freeze({ decision: 0 });
const RECORDED: SdkSamplingResult = Object.freeze({ decision: 1 });
const SAMPLED: SdkSamplingResult = Object.freeze({ decision: 2 });

/** A rule in use, with the prebuilt results of adaptive sampling and of a sampled request. */
interface ActiveRule {
  readonly state: RuleState;
  readonly sampled: SdkSamplingResult;
  readonly recorded: SdkSamplingResult | undefined;
  /** Set if X-Ray may boost the rule. */
  readonly hash: string | undefined;
}

/**
 * A sampler for any OpenTelemetry SDK 2.x or 3.x that decides by the sampling rules set in X-Ray.
 *
 * It is parent-based; do not wrap it in a `ParentBasedSampler`. `shouldSample` never waits, never
 * throws, and allocates nothing for an unsampled trace; rules are fetched in the background.
 */
export class XRaySampler implements SdkSampler {
  readonly #options: XRaySamplerOptions;
  readonly #clock: Clock;
  readonly #lease: Lease<RemoteRules> | undefined;
  readonly #remote: RemoteRules | undefined;
  readonly #ignoreReason: IgnoreReason | undefined;
  readonly #respectParent: RespectParent;
  readonly #local: readonly RuleState[];
  readonly #address: string;
  readonly #adaptiveSampling: AdaptiveSampling | undefined;
  /** `undefined` while nothing has to be recorded for adaptive sampling. */
  #adaptive: AdaptiveSampling | undefined;
  #service: ServiceInput;
  #remoteIndex: RuleIndex<ActiveRule> | undefined;
  #localIndex: RuleIndex<ActiveRule>;
  #compiledVersion = -1;
  #second = -1;
  #areRemoteRulesUsable = false;

  /**
   * @param adaptive records requests that are not sampled, for adaptive sampling
   * @throws {TypeError} for an invalid option; the message quotes it
   */
  constructor(options: XRaySamplerOptions = {}, adaptive?: AdaptiveHooks) {
    const endpoint = samplingEndpoint(options.endpoint);
    const pollingIntervalMs = validPollingInterval(options.pollingIntervalMs);
    this.#options = options;
    this.#address = endpointText(endpoint);
    this.#clock = options.deps?.clock ?? REAL_CLOCK;
    this.#respectParent = options.respectParent ?? 'always';
    this.#ignoreReason = ignoredRequests({
      paths: options.ignorePaths,
      userAgents: [
        ...(options.ignoreUserAgents ?? []),
        ...(options.ignoreHealthChecks === true ? HEALTH_CHECKERS : []),
      ],
    });
    this.#local = localRuleStates([...(options.localRules ?? []), BUILT_IN_RULE]);
    this.#service = serviceInput(options);
    this.#localIndex = this.#indexOf(this.#local);
    if (options.centralized !== false && options.decidedOnly !== true) {
      this.#lease = leaseRemoteRules(endpoint, pollingIntervalMs, options.deps, options.client);
      this.#remote = this.#lease.value;
      this.#remote.setServiceName(this.#service.names[0] ?? '');
    }
    if (adaptive !== undefined && options.decidedOnly !== true) {
      this.#adaptiveSampling = new AdaptiveSampling(adaptive);
      this.#updateAdaptive();
    }
  }

  /** Sets the resource once it is known; rules with a service name, type or ARN apply from then on. */
  setResource(resource: Attributes, more: Omit<ServiceOptions, 'resource'> = {}): void {
    this.#service = serviceInput({ ...this.#options, ...more, resource });
    this.#remote?.setServiceName(this.#service.names[0] ?? '');
    this.#localIndex = this.#indexOf(this.#local);
    this.#compiledVersion = -1;
  }

  shouldSample(
    context: Context,
    traceId: string,
    _spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    _links: Link[],
  ): SdkSamplingResult {
    try {
      if (isWithoutSampling(context)) return DROPPED;
      // If the SDK did not adopt the trace id of the parent, that parent is invalid.
      const parent = trace.getSpanContext(context);
      const isChild = parent !== undefined && parent.traceId === traceId;
      if (isChild && parent.isRemote !== true) return this.#childDecision(parent, context);
      if (this.#ignoreReason?.(spanKind, attributes) !== undefined) return DROPPED;
      if (isChild && this.#isDecided(parent)) return this.#remoteDecision(parent);
      if (this.#options.decidedOnly === true) return DROPPED;
      if (!isChild && OUTGOING.has(spanKind) && this.#options.rootClientSpans === 'drop') {
        return DROPPED;
      }
      return this.#decideByRules(traceId, attributes, isChild ? parent : undefined);
    } catch (error) {
      warnOnce(
        `the sampler failed, so a request is not traced: ${String(error)}`,
        'sampling threw',
      );
      return DROPPED;
    }
  }

  /**
   * Counts a request that has ended, for the reports of anomalies.
   *
   * @param spanContext of the first span of the request in this process
   */
  countRequest(spanContext: SpanContext, outcome: RequestOutcome): void {
    this.#adaptive?.count(spanContext, outcome);
  }

  /** Returns this sampler without the parent-based part, for compositions of your own. */
  rootSampler(): SdkSampler {
    return {
      shouldSample: (_context, traceId, _name, _kind, attributes) =>
        this.#decideByRules(traceId, attributes, undefined),
      toString: () => `root of ${this.toString()}`,
    };
  }

  /** Returns which rule would match a request, and why. Does not count the request. */
  explain(request: ExplainRequest): Explanation {
    const attributes = requestAttributes(request);
    const ignored = this.#ignoreReason?.(1, attributes);
    const fromRemote = this.#explain(this.#remote?.states ?? [], attributes);
    const isRemote = this.#remote?.isUsable() === true && fromRemote.rule !== undefined;
    const found = isRemote ? fromRemote : this.#explain(this.#local, attributes);
    const localSource: RuleSource =
      (this.#options.localRules?.length ?? 0) > 0 ? 'local rules' : 'built in';
    return {
      source: isRemote ? 'X-Ray' : localSource,
      rules: found.rules,
      rule: ignored === undefined ? found.rule : undefined,
      state: ignored === undefined ? found.state : undefined,
      ignored,
    };
  }

  /** Returns the state of the sampler, for diagnostics. */
  status(): SamplerStatus {
    const remote = this.#remote;
    return {
      address: remote === undefined ? undefined : this.#address,
      usesRemoteRules: remote?.isUsable() === true,
      rules: remote?.states.length ?? 0,
      localRules: this.#options.localRules?.length ?? 0,
      counts: remote?.counts,
    };
  }

  /** Stops fetching rules, after a last report if X-Ray has responded before. Repeatable. */
  async shutdown(): Promise<void> {
    if (this.#lease !== undefined) await keepAlive(this.#lease.release());
  }

  toString(): string {
    return `XRaySampler{${this.#remote === undefined ? 'local rules' : this.#address}}`;
  }

  #explain(states: readonly RuleState[], attributes: Attributes) {
    return explainRules(states, attributes, this.#service, this.#clock);
  }

  /** Whether the sampled flag of a remote parent is a decision to follow. */
  #isDecided(parent: SpanContext): boolean {
    if (isDeferred(parent)) return false;
    if (this.#respectParent === 'always') return true;
    return this.#respectParent === 'sampled-only' && isSampled(parent);
  }

  #decideByRules(
    traceId: string,
    attributes: Attributes,
    parent: SpanContext | undefined,
  ): SdkSamplingResult {
    const second = Math.floor(this.#clock.wallMs() / 1000);
    const rule = this.#matchingRule(attributes, second);
    if (rule === undefined) return DROPPED;
    const { state, sampled, recorded, hash } = rule;
    const isSampled = decide(state.reservoir, state.counts, traceId, second, this.#clock);
    if (!isSampled && this.#adaptive === undefined) return DROPPED;
    const result = isSampled
      ? sampled
      : this.#adaptive?.capture
        ? (recorded ?? RECORDED)
        : recorded;
    if (result === undefined) return DROPPED;
    if (hash === undefined || parent?.traceState === undefined) return result;
    return { ...result, traceState: withRuleHash(parent.traceState, hash) };
  }

  /** Children of a recorded request are recorded if its spans may be kept. */
  #childDecision(parent: SpanContext, context: Context): SdkSamplingResult {
    if (isSampled(parent)) return SAMPLED;
    if (this.#adaptive?.capture !== true) return DROPPED;
    return trace.getSpan(context)?.isRecording() === true ? RECORDED : DROPPED;
  }

  #remoteDecision(parent: SpanContext): SdkSamplingResult {
    if (this.#adaptiveSampling !== undefined && this.#remote !== undefined) {
      // A service without requests of its own also reports anomalies.
      this.#compileRules(this.#remote);
    }
    if (isSampled(parent)) return SAMPLED;
    const adaptive = this.#adaptive;
    if (adaptive === undefined) return DROPPED;
    return adaptive.capture || adaptive.isReported(parent) ? RECORDED : DROPPED;
  }

  #updateAdaptive(): void {
    const isNeeded = this.#adaptiveSampling?.update(this.#remote?.states ?? []);
    this.#adaptive = isNeeded === true ? this.#adaptiveSampling : undefined;
  }

  #matchingRule(attributes: Attributes, second: number): ActiveRule | undefined {
    const central = this.#remote;
    if (central !== undefined) {
      this.#compileRules(central);
      // The age of the rules changes slowly; it is checked once per second.
      if (second !== this.#second) {
        this.#second = second;
        this.#areRemoteRulesUsable = central.isUsable();
      }
      if (this.#areRemoteRulesUsable) {
        const found = this.#remoteIndex?.find(attributes);
        if (found !== undefined) return found;
      }
    }
    return this.#localIndex.find(attributes);
  }

  /** Compiles the rules if they have changed. */
  #compileRules(central: RemoteRules): void {
    if (central.version === this.#compiledVersion) return;
    this.#remoteIndex = this.#indexOf(central.states);
    this.#compiledVersion = central.version;
    this.#updateAdaptive();
    this.#second = -1;
  }

  #indexOf(states: readonly RuleState[]): RuleIndex<ActiveRule> {
    return indexRules(
      states.map((state) => ({ rule: state.rule, value: activeRule(state) })),
      this.#service,
    );
  }
}

function activeRule(state: RuleState): ActiveRule {
  const { rule } = state;
  if (rule === BUILT_IN_RULE) {
    return { state, sampled: SAMPLED, recorded: undefined, hash: undefined };
  }
  const hash = rule.SamplingRateBoost === undefined ? undefined : ruleHash(rule.RuleName);
  const attributes = Object.freeze({ 'aws.xray.sampling_rule_name': rule.RuleName });
  const traceState = hash === undefined ? {} : { traceState: withRuleHash(undefined, hash) };
  return {
    state,
    sampled: Object.freeze({ decision: 2, attributes, ...traceState }),
    recorded: hash === undefined ? undefined : Object.freeze({ decision: 1, ...traceState }),
    hash,
  };
}

function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & 1) === 1;
}
