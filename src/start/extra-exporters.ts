import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { batchProcessor, consoleProcessor } from '../provider-extras.ts';
import { workingDirectory } from '../working-directory.ts';

const OTLP = '@opentelemetry/exporter-trace-otlp-proto';

/** Returns processors for the exporters other than `xray`. The app has to install their packages. */
export function extraProcessors(config: Config): readonly SpanProcessor[] {
  return config.exporters.flatMap((name) => {
    if (name === 'console') return [consoleProcessor()];
    if (name === 'otlp') return otlpProcessors(config);
    return [];
  });
}

function otlpProcessors(config: Config): readonly SpanProcessor[] {
  try {
    const { OTLPTraceExporter } = appRequire()(OTLP);
    return [batchProcessor(new OTLPTraceExporter(config.otlpExporter), config)];
  } catch (error) {
    warnOnce(
      `exporter otlp is ignored: ${OTLP} cannot be loaded (${String(error)}); install it in the app`,
    );
    return [];
  }
}

/** Returns a `require` that resolves packages of the app. */
function appRequire(): NodeJS.Require {
  const folder = workingDirectory() ?? dirname(process.argv[1] ?? process.execPath);
  return createRequire(join(folder, 'package.json'));
}
