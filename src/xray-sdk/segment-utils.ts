import { log } from './logger.ts';
import { responseBlock } from './request-data.ts';

/** Settings for all segments that the app creates. */
export interface SegmentUtils {
  /** Number of open subsegments at which the X-Ray SDK sends parts of a segment. No effect here. */
  streamingThreshold: number;
  origin?: string;
  pluginData?: object;
  /** No effect: the exporter names itself in `aws.xray`. */
  sdkData?: object;
  serviceData?: object;
  /** Returns the current time in seconds since 1970. */
  getCurrentTime(): number;
  setStreamingThreshold(threshold: number): void;
  getStreamingThreshold(): number;
  setOrigin(origin: string): void;
  setPluginData(data: object): void;
  setSDKData(data: object): void;
  setServiceData(data: object): void;
  /** Returns the status and length of a response for the `http` block. */
  getHttpResponseData(response?: object): object;
  /** Returns a replacer for `JSON.stringify` that converts big integers to strings. */
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
      `setStreamingThreshold(${String(threshold)}): expected a whole number of at least 0; ignored`,
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
