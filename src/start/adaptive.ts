import type { SpanContext } from '@opentelemetry/api';
import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import type { EndedSpan } from '../exporter/processor.ts';
import type { AdaptiveConfig } from '../sampler/adaptive/conditions.ts';
import type { AdaptiveHooks, RequestOutcome } from '../sampler/boost.ts';
import { adaptiveConfig } from './adaptive-config.ts';
import { requestObserver } from './adaptive-observer.ts';

/** What the observer of requests is connected with. */
export interface AdaptiveConnections {
  readonly addProcessor: (processor: unknown) => void;
  readonly count: (spanContext: SpanContext, outcome: RequestOutcome) => void;
  /** `undefined` without the X-Ray exporter: anomalies are reported, but not kept. */
  readonly keep: ((spans: readonly EndedSpan[]) => void) | undefined;
}

export interface Adaptive {
  readonly hooks: AdaptiveHooks;
  /** Called once, when the provider exists. */
  connect(connections: AdaptiveConnections): void;
}

/**
 * Returns the parts of adaptive sampling. The processor that observes requests is loaded and added
 * when it is first needed: conditions are configured, or X-Ray may boost a rule. Without both, there
 * is no processor and no additional recorded span.
 *
 * @returns `undefined` in Lambda, where the header of the invocation decides
 */
export function adaptiveSampling(config: Config, inLambda: boolean): Adaptive | undefined {
  if (inLambda) return undefined;
  const { conditions, tracesPerSecond } = configured(config);
  const capture =
    config.exporters.includes('xray') &&
    tracesPerSecond > 0 &&
    (conditions === undefined || conditions.some((condition) => condition.capture));
  let connections: AdaptiveConnections | undefined;
  let isActive = false;
  let isAdded = false;
  const addWhenReady = (): void => {
    if (isAdded || !isActive || connections === undefined) return;
    isAdded = true;
    const { addProcessor, count, keep } = connections;
    const kept = capture ? keep : undefined;
    addProcessor(
      requestObserver({ conditions, tracesPerSecond, count, keep: kept, wallMs: Date.now }),
    );
  };
  return {
    hooks: {
      capture,
      onActive() {
        isActive = true;
        addWhenReady();
      },
    },
    connect(all) {
      connections = all;
      addWhenReady();
    },
  };
}

/** Without a configuration, server errors are reported for rules that X-Ray may boost. */
const REPORTS_ONLY: AdaptiveConfig = { conditions: undefined, tracesPerSecond: 0 };

function configured({ adaptiveSampling: value }: Config): AdaptiveConfig {
  if (value === undefined) return REPORTS_ONLY;
  const { config, problems } = adaptiveConfig(value);
  if (problems.length > 0) {
    warnOnce(`AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG: ${problems.join('; ')}`, 'adaptive sampling');
  }
  return config ?? REPORTS_ONLY;
}
