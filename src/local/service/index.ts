import type { ApiHandler } from '../http.ts';
import type { Intake } from '../intake.ts';
import { asList, type JsonObject } from '../json.ts';
import type { Store } from '../store/store.ts';
import { invalid, ServiceError } from './errors.ts';

export interface ServiceParts {
  readonly store: Store;
  readonly intake: Intake;
}

type Operation = (input: JsonObject) => unknown;

/** X-Ray's API: each path of the service with what answers it. */
export function createService({ intake }: ServiceParts): ApiHandler {
  const operations: Readonly<Record<string, Operation>> = {
    '/TraceSegments': (input) => {
      const texts = asList(input['TraceSegmentDocuments']);
      if (texts.length === 0) throw invalid('TraceSegmentDocuments is required');
      const refusals = intake.documents(texts.map(String), 'api');
      return {
        UnprocessedTraceSegments: refusals.map(({ id, code, message }) => ({
          Id: id,
          ErrorCode: code,
          Message: message,
        })),
      };
    },
    '/TelemetryRecords': () => ({}),
    '/GetSamplingRules': () => ({ SamplingRuleRecords: [] }),
    '/SamplingTargets': () => ({
      SamplingTargetDocuments: [],
      UnprocessedStatistics: [],
      LastRuleModification: 0,
    }),
  };
  return (path, input) => {
    const operation = Object.hasOwn(operations, path) ? operations[path] : undefined;
    if (operation === undefined) {
      throw new ServiceError('UnknownOperationException', `no operation at ${path}`);
    }
    return operation(input);
  };
}
