import type { AwsBlock, Origin, ServiceBlock } from '../document.ts';
import type { SpanAttributes } from '../span.ts';

/** Values computed from a resource. Computed once and shared by all its spans. */
export interface ResourceParts {
  readonly attributes: SpanAttributes;
  /**
   * Segment name with invalid characters removed; empty if the resource has none
   * (docs/spec/translation.md section 2.2, rows 2 to 6).
   */
  readonly name: string;
  /** Whether `cloud.provider` is absent or `aws`. */
  readonly mayBeAws: boolean;
  /** `telemetry.sdk.language`, which selects the stack trace parser. */
  readonly language: string | undefined;
  /** The fields of the `aws` block that describe the platform; frozen, because documents share it. */
  readonly platform: AwsBlock | undefined;
  /** `platform` with the name of a sampling rule: one frozen object per rule. */
  readonly platformWithRule: (rule: string) => AwsBlock | undefined;
  readonly origin: Origin | undefined;
  readonly service: ServiceBlock | undefined;
  /** `otel.resource.*` for metadata; `undefined` if there is none. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** Returns a resource attribute as a string; `undefined` if it is blank. */
export type ResourceText = (key: string) => string | undefined;
