import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { batchProcessor, consoleProcessor } from '../provider-extras.ts';

const OTLP = '@opentelemetry/exporter-trace-otlp-proto';

/** Processors of the exporters beside `xray`; a package they need is the app's, loaded only when asked. */
export function extraProcessors(config: Config): readonly SpanProcessor[] {
  return config.exporters.flatMap((name) => {
    if (name === 'console') return [consoleProcessor()];
    if (name === 'otlp') return otlpProcessors(config);
    return [];
  });
}

function otlpProcessors(config: Config): readonly SpanProcessor[] {
  try {
    const { OTLPTraceExporter } = createRequire(join(process.cwd(), 'package.json'))(OTLP);
    return [batchProcessor(new OTLPTraceExporter(config.otlpExporter), config)];
  } catch (error) {
    warnOnce(`exporter otlp needs ${OTLP}, which does not load: ${String(error)}`);
    return [];
  }
}
