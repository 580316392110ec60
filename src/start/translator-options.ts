import type { SpanContext } from '@opentelemetry/api';
import type { Config } from '../config.ts';
import { isInvocationParent, isRootOnly } from '../propagation/span-context-flags.ts';
import { parseIndexedAttributes, type TranslatorOptions } from '../translator/context/options.ts';
import type { SpanIdentity } from '../translator/span.ts';

/** Returns the options of the translator for a configuration. */
export function translatorOptions(
  config: Config,
  workingDirectory: string | undefined,
  inLambda: boolean,
): TranslatorOptions {
  return {
    ...parseIndexedAttributes(config.annotations.join(',')),
    annotationDots: config.annotationDots,
    downstreamTraced: config.downstreamTraced,
    isRootOnly: (parent) => isRootOnly(parent as SpanContext),
    lambda: inLambda ? { root: config.lambdaRoot, parentId: invocationParentId } : undefined,
    logGroupNames: config.logGroups,
    recordMessageContent: config.messageContent,
    recordEvents: config.recordEvents,
    recordSqlQuery: config.collectSqlQueries,
    recordSqlLiterals: config.sqlLiterals,
    recordWorkingDirectory: config.recordWorkingDirectory,
    resourceMetadata: config.resourceMetadata,
    stripUrlQuery: config.stripUrlQuery,
    tracingName: config.tracingName,
    workingDirectory,
  };
}

function invocationParentId(parent: SpanIdentity): string | undefined {
  return isInvocationParent(parent) ? parent.spanId : undefined;
}
