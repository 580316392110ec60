/** The public names of the package; `otel-xray/register` starts it, these add to it. */

export * from './api.ts';
export type { DocumentSettings } from './config/settings/documents.ts';
export type { ExportSettings, OtlpExporterOptions } from './config/settings/export.ts';
export type { InstrumentationSettings } from './config/settings/instrumentation.ts';
export type { LimitSettings } from './config/settings/limits.ts';
export type { SamplingSettings } from './config/settings/sampling.ts';
export type { ServiceSettings } from './config/settings/service.ts';
export type { Config, ConfigOptions } from './config.ts';
export { XRayExporter } from './exporter/index.ts';
export type { XRayExporterOptions } from './exporter/options.ts';
export { XRaySpanProcessor, type XRaySpanProcessorOptions } from './exporter/processor.ts';
export type {
  AwsDescriptor,
  AwsOperationParameters,
  AwsParameterList,
  AwsServiceParameters,
} from './instrumentation/aws/aws-parameters.ts';
export {
  xrayIdGenerator,
  xrayLambdaPropagator,
  xrayPropagator,
} from './propagation/index.ts';
export { withoutSampling, XRaySampler, type XRaySamplerOptions } from './sampler/index.ts';
export { type AppSpanProcessor, type Started, type StartOptions, start } from './start.ts';
export type { TranslatorOptions } from './translator/context/options.ts';
export type { SegmentDocument } from './translator/document.ts';
export { toDocuments } from './translator/index.ts';
export type { TranslatableSpan } from './translator/span.ts';
