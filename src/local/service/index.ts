import type { ApiHandler } from '../server/http.ts';
import { accountOperations } from './account.ts';
import type { Operations, ServiceContext } from './context.ts';
import { ServiceError } from './errors.ts';
import { graphOperations } from './graphs.ts';
import { Groups } from './groups.ts';
import { Ingest } from './ingest.ts';
import { Sampling, type SamplingOptions } from './sampling.ts';
import { Tags } from './tags.ts';
import { traceOperations } from './traces.ts';

/** Operations of X-Ray that the local service answers with an error, by path. */
const NOT_HERE: Readonly<Record<string, string>> = {
  '/Insight': 'GetInsight',
  '/InsightEvents': 'GetInsightEvents',
  '/InsightImpactGraph': 'GetInsightImpactGraph',
  '/StartTraceRetrieval': 'StartTraceRetrieval',
  '/ListRetrievedTraces': 'ListRetrievedTraces',
  '/GetRetrievedTracesGraph': 'GetRetrievedTracesGraph',
  '/CancelTraceRetrieval': 'CancelTraceRetrieval',
  '/UpdateIndexingRule': 'UpdateIndexingRule',
  '/UpdateTraceSegmentDestination': 'UpdateTraceSegmentDestination',
};

/** X-Ray's API (docs/spec/xray-api.md section 2). */
export interface Service {
  readonly handle: ApiHandler;
  readonly sampling: Sampling;
  readonly ingest: Ingest;
  readonly groups: Groups;
}

export function createService(context: ServiceContext, sampling: SamplingOptions): Service {
  const tags = new Tags(context);
  const groups = new Groups(context, tags);
  const rules = new Sampling(context, tags, sampling);
  const ingest = new Ingest(context);
  const operations: Operations = {
    ...ingest.operations(),
    ...traceOperations(context, groups),
    ...graphOperations(context, groups),
    ...rules.operations(),
    ...groups.operations(),
    ...tags.operations(),
    ...accountOperations(context),
  };
  const handle: ApiHandler = (path, input) => {
    const operation = Object.hasOwn(operations, path) ? operations[path] : undefined;
    if (operation) return operation(input);
    const name = Object.hasOwn(NOT_HERE, path) ? NOT_HERE[path] : undefined;
    if (name) {
      throw new ServiceError(
        'NotImplementedException',
        `the local X-Ray does not implement ${name}`,
      );
    }
    throw new ServiceError('UnknownOperationException', `X-Ray has no operation at ${path}`);
  };
  return { handle, sampling: rules, ingest, groups };
}
