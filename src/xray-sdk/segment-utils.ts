import { log } from './logger.ts';
import { responseBlock } from './request-data.ts';

/** What an app sets for all segments that it makes itself. */
export interface SegmentUtils {
  /** How many open subsegments make the X-Ray SDK send parts of a segment early; no effect here. */
  streamingThreshold: number;
  origin?: string;
  pluginData?: object;
  /** No effect: the exporter names itself in `aws.xray`. */
  sdkData?: object;
  serviceData?: object;
  /** Returns the time as X-Ray writes it: seconds since 1970. */
  getCurrentTime(): number;
  setStreamingThreshold(threshold: number): void;
  getStreamingThreshold(): number;
  setOrigin(origin: string): void;
  setPluginData(data: object): void;
  setSDKData(data: object): void;
  setServiceData(data: object): void;
  /** Returns status and length of a response as the `http` block has them. */
  getHttpResponseData(response?: object): object;
  /** Returns a replacer for `JSON.stringify` that writes big integers as text. */
  getJsonStringifyReplacer(): (key: string, value: unknown) => unknown;
}

export const SegmentUtils: SegmentUtils = {
  streamingThreshold: 100,
  getCurrentTime: () => Date.now() / 1000,
  setStreamingThreshold(threshold) {
    if (Number.isFinite(threshold) && threshold >= 0) {
      SegmentUtils.streamingThreshold = threshold;
      return;
    }
    log(
      'error',
      `setStreamingThreshold(${String(threshold)}): expected a whole number from 0 on; ignored`,
    );
  },
  getStreamingThreshold: () => SegmentUtils.streamingThreshold,
  setOrigin(origin) {
    SegmentUtils.origin = origin;
  },
  setPluginData(data) {
    SegmentUtils.pluginData = data;
  },
  setSDKData(data) {
    SegmentUtils.sdkData = data;
  },
  setServiceData(data) {
    SegmentUtils.serviceData = data;
  },
  getHttpResponseData: (response) => (response ? responseBlock(response) : {}),
  getJsonStringifyReplacer: () => (_key, value) =>
    typeof value === 'bigint' ? value.toString() : value,
};
