import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import type { AwsParameterHooks, AwsParameterList } from '../instrumentation/aws/aws-parameters.ts';
import type { CapturedHeaders, InstrumentationHooks } from '../instrumentation/configs.ts';
import { onLate } from '../late-settings.ts';
import { requireChunk } from '../lazy-require.ts';
import { traceResponseHook } from '../propagation/index.ts';

/** Returns the hooks for instrumentations that the configuration asks for. */
export function instrumentationHooks(config: Config): InstrumentationHooks {
  return {
    logTraceIds: config.logTraceIds,
    middlewareSpans: config.middlewareSpans,
    messageContent: config.messageContent,
    connectSpans: config.connectSpans,
    onResponse: traceResponseHook() as InstrumentationHooks['onResponse'],
    headers: capturedHeaders(config),
    awsParameters: awsParameters(config),
  };
}

type HeaderSettings = Pick<
  Config,
  | 'clientRequestHeaders'
  | 'clientResponseHeaders'
  | 'serverRequestHeaders'
  | 'serverResponseHeaders'
>;

/** Ends of the names of headers with credentials, which are never recorded. */
const CREDENTIAL_HEADER = new RegExp(
  `(?:^|-)(?:${[
    'authorization|cookie|assertion|jwt|dpop',
    'session(?:-?id)?|sid|password|secret',
    '[a-z]*token|signature(?:-?\\d+)?',
    '(?:api|access|account|admin|auth|functions?|master|private|secret|subscription)-?key',
  ].join('|')})$`,
);
/** Positions in a list, which paging names tokens as well. */
const PAGING_HEADER = /(?:^|-)(?:continuation|next|page|sync)-?token$/;

function hasCredentials(header: string): boolean {
  return CREDENTIAL_HEADER.test(header) && !PAGING_HEADER.test(header);
}

/** @returns `undefined` if no header is configured */
export function capturedHeaders(settings: HeaderSettings): CapturedHeaders | undefined {
  const headers: CapturedHeaders = {
    client: {
      requestHeaders: withoutSecrets(settings.clientRequestHeaders),
      responseHeaders: withoutSecrets(settings.clientResponseHeaders),
    },
    server: {
      requestHeaders: withoutSecrets(settings.serverRequestHeaders),
      responseHeaders: withoutSecrets(settings.serverResponseHeaders),
    },
  };
  const lists = Object.values(headers).flatMap((side) => Object.values(side));
  return lists.flat().length === 0 ? undefined : headers;
}

function withoutSecrets(names: readonly string[]): readonly string[] {
  const lower = names.map((name) => name.toLowerCase());
  for (const name of new Set(lower.filter(hasCredentials))) {
    warnOnce(`the header ${name} is not recorded: it contains credentials`);
  }
  return lower.filter((name) => !hasCredentials(name));
}

/** Returns the hooks for the list of the configuration, or for one that the app sets later. */
function awsParameters({ awsParameters: source }: Config): AwsParameterHooks {
  let hooks = source === undefined ? undefined : parameterHooks(source);
  onLate('awsParameters', (list) => {
    if (source === undefined) hooks = parameterHooks(list);
  });
  return {
    onRequest: (span, request) => hooks?.onRequest(span, request),
    onResponse: (span, response) => hooks?.onResponse(span, response),
  };
}

function parameterHooks(source: string | AwsParameterList): AwsParameterHooks | undefined {
  const { awsParameterHooks, awsParameterList } =
    requireChunk<typeof import('../instrumentation/aws/aws-parameters.ts')>('aws-parameters');
  const list = awsParameterList(source);
  return list && awsParameterHooks(list);
}
