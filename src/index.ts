/** The public names of the package; `otel-xray/register` starts it, these add to it. */

export * from './api.ts';
export type { Config, ConfigOptions } from './config.ts';
export { XRayExporter } from './exporter/index.ts';
export type { XRayExporterOptions } from './exporter/options.ts';
export { XRaySpanProcessor, type XRaySpanProcessorOptions } from './exporter/processor.ts';
export {
  xrayIdGenerator,
  xrayLambdaPropagator,
  xrayPropagator,
} from './propagation/index.ts';
export { withoutSampling, XRaySampler, type XRaySamplerOptions } from './sampler/index.ts';
export { type AppSpanProcessor, type Started, type StartOptions, start } from './start.ts';
export type { SegmentDocument } from './translator/document.ts';
export { toDocuments } from './translator/index.ts';
export type { TranslatorOptions } from './translator/options.ts';
export type { TranslatableSpan } from './translator/span.ts';
