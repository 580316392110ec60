import { log } from './logger.ts';

/** The X-Ray SDK's default: how many open subsegments make it send parts of a segment early. */
let streamingThreshold = 100;

export let serviceData: object | undefined;
export let pluginData: object | undefined;
export let sdkData: object | undefined;
export let origin: string | undefined;

/** Returns the time as X-Ray writes it: seconds since 1970. */
export function getCurrentTime(): number {
  return Date.now() / 1000;
}

/** Checks the value and otherwise has no effect: spans are sent one by one, whatever is open. */
export function setStreamingThreshold(threshold: number): void {
  if (!Number.isFinite(threshold) || threshold < 0) {
    log(
      'error',
      `setStreamingThreshold(${String(threshold)}): expected a whole number from 0 on; ignored`,
    );
    return;
  }
  streamingThreshold = threshold;
}

export function getStreamingThreshold(): number {
  return streamingThreshold;
}

export function setOrigin(value: string): void {
  origin = value;
}

export function setPluginData(data: object): void {
  pluginData = data;
}

export function setSDKData(data: object): void {
  sdkData = data;
}

export function setServiceData(data: object): void {
  serviceData = data;
}
