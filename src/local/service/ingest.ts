import { asObject, type JsonObject } from '../json.ts';
import type { Operations, ServiceContext } from './context.ts';
import { invalid } from './errors.ts';
import { objects, optionalText, requiredList, requiredTime } from './input.ts';

/** Maximum number of documents in one call. */
const MAX_DOCUMENTS = 50;
const MAX_SENDERS = 100;

/** The last report of a daemon about itself. */
export interface SenderReport {
  readonly sender: string;
  /** Epoch seconds. */
  readonly at: number;
  readonly record: JsonObject;
}

/** PutTraceSegments and PutTelemetryRecords. */
export class Ingest {
  readonly #context: ServiceContext;
  readonly #senders = new Map<string, SenderReport>();

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  senders(): readonly SenderReport[] {
    return [...this.#senders.values()];
  }

  operations(): Operations {
    return {
      '/TraceSegments': (input) => {
        const texts = requiredList(input, 'TraceSegmentDocuments', Number.POSITIVE_INFINITY);
        if (texts.length === 0) throw invalid('TraceSegmentDocuments is required');
        if (texts.length > MAX_DOCUMENTS) {
          throw invalid(`Exceeding maximum segment count: ${MAX_DOCUMENTS}`);
        }
        const documents = texts.map((text) => {
          if (typeof text !== 'string') throw invalid('each TraceSegmentDocument must be a string');
          return text;
        });
        const refusals = this.#context.ingester.documents(documents, 'api');
        this.#context.arrived(documents);
        return {
          UnprocessedTraceSegments: refusals.map(({ id, code, message }) => ({
            Id: id,
            ErrorCode: code,
            Message: message,
          })),
        };
      },
      '/TelemetryRecords': (input) => {
        const records = objects(requiredList(input, 'TelemetryRecords', 1_000), 'TelemetryRecords');
        const sender =
          [
            optionalText(input, 'Hostname', { max: 255 }),
            optionalText(input, 'EC2InstanceId', { max: 20 }),
            optionalText(input, 'ResourceARN', { max: 500 }),
          ]
            .filter(Boolean)
            .join(' ') || 'unknown';
        for (const record of records) {
          const at = requiredTime(record, 'Timestamp');
          if (this.#senders.size >= MAX_SENDERS && !this.#senders.has(sender)) break;
          this.#senders.set(sender, { sender, at, record: asObject(record) ?? {} });
        }
        return {};
      },
    };
  }
}
