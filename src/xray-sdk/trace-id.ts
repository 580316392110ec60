import { xrayIdGenerator } from '../propagation/ids.ts';
import { log } from './logger.ts';

const ids = xrayIdGenerator();

/** A trace id in X-Ray's form, `1-581cf771-a006649127e371903a2de979`. */
export class TraceID {
  version: number;
  /** Seconds since 1970, 8 hexadecimal digits. */
  timestamp: string;
  /** 24 hexadecimal digits. */
  id: string;

  /**
   * @param timestamp seconds since 1970 as hexadecimal digits; default: now
   * @param id 24 hexadecimal digits; default: random
   */
  constructor(timestamp?: string, id?: string) {
    const generated = ids.generateTraceId();
    this.version = 1;
    this.timestamp = timestamp || generated.slice(0, 8);
    this.id = id || generated.slice(8);
  }

  /** Returns the id that means "no trace". */
  static Invalid(): TraceID {
    return new TraceID('00000000', '0'.repeat(24));
  }

  /** Parses an id. If the text is invalid, logs one line and returns a new id. */
  static FromString(text?: string | null): TraceID {
    const [, version, epoch, id] = /^\s*(\d+)-([0-9a-f]+)-([^-\s]+)\s*$/i.exec(text ?? '') ?? [];
    if (version === undefined || epoch === undefined || id === undefined || Number(version) < 1) {
      log(
        'error',
        `TraceID.FromString(${JSON.stringify(text)}): expected 1-8 hex digits-24 hex digits; using a new trace id`,
      );
      return new TraceID();
    }
    const parsed = new TraceID(epoch.toLowerCase().padStart(8, '0'), id);
    parsed.version = Number(version);
    return parsed;
  }

  toString(): string {
    return `${this.version}-${this.timestamp}-${this.id}`;
  }
}

/** Returns the 32 hexadecimal digits of OpenTelemetry; `undefined` if the id is invalid. */
export function otelTraceId(xrayTraceId: string): string | undefined {
  const hex = xrayTraceId.replace(/^1-/, '').replace('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(hex) && !/^0+$/.test(hex) ? hex : undefined;
}
