import type { SpanContext } from '@opentelemetry/api';
import type { Config } from '../config.ts';
import { isInvocationParent } from '../lambda/parent.ts';
import { isRootOnly } from '../propagation/marks.ts';
import { parseIndexedAttributes, type TranslatorOptions } from '../translator/options.ts';
import type { SpanIdentity } from '../translator/span.ts';

/** The translator's options as the configuration wants them. */
export function translatorOptions(
  config: Config,
  workingDirectory: string,
  inLambda: boolean,
): TranslatorOptions {
  return {
    ...parseIndexedAttributes(config.annotations.join(',')),
    downstreamTraced: config.downstreamTraced,
    isRootOnly: (parent) => isRootOnly(parent as SpanContext),
    lambda: inLambda ? { parentId: invocationParentId } : undefined,
    logGroupNames: config.logGroups,
    recordSqlQuery: config.collectSqlQueries,
    tracingName: config.tracingName,
    workingDirectory,
  };
}

function invocationParentId(parent: SpanIdentity): string | undefined {
  return isInvocationParent(parent) ? parent.spanId : undefined;
}
