import { readFileSync } from 'node:fs';
import { parseDaemonAddress } from '../daemon-address.ts';
import type { AwsParameterList } from '../instrumentation/aws-parameters.ts';
import { setLate } from '../late-settings.ts';
import { log } from './logger.ts';
import type { Plugin } from './plugins.ts';
import { SegmentUtils } from './segment-utils.ts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = '2000';

let parameters: AwsParameterList = { services: {} };

/** Accepts the plugins: resource detectors find out what they would tell. */
export function config(_plugins: readonly Plugin[]): void {}

/**
 * Sets where the X-Ray daemon listens: `host`, `:port` or `host:port`. `AWS_XRAY_DAEMON_ADDRESS` wins
 * over it.
 *
 * @throws {Error} when the address cannot be read
 */
export function setDaemonAddress(address: string): void {
  if (process.env['AWS_XRAY_DAEMON_ADDRESS']) {
    log('debug', 'setDaemonAddress() has no effect: AWS_XRAY_DAEMON_ADDRESS is set');
    return;
  }
  const whole = completeAddress(address);
  parseDaemonAddress(whole);
  setLate('daemonAddress', whole);
}

/**
 * Records these parameters of AWS calls.
 *
 * @param source path of a file in the form of `aws_whitelist.json`, or its content
 * @throws {Error} when it is neither, or the file cannot be read
 */
export function setAWSWhitelist(source: string | object): void {
  parameters = listOf(source);
  setLate('awsParameters', parameters);
}

/** The X-Ray SDK takes a host or a port alone as well. */
function completeAddress(address: string): string {
  const text = String(address).trim();
  if (text.startsWith(':')) return DEFAULT_HOST + text;
  return text.includes(':') ? text : `${text}:${DEFAULT_PORT}`;
}

/** Records these parameters too. */
export function appendAWSWhitelist(source: string | object): void {
  parameters = { services: { ...parameters.services, ...listOf(source).services } };
  setLate('awsParameters', parameters);
}

function listOf(source: string | object): AwsParameterList {
  if (!source || (typeof source !== 'string' && typeof source !== 'object')) {
    throw new Error(
      'Please specify a path to the local whitelist file, or supply a whitelist source object.',
    );
  }
  const list = typeof source === 'string' ? JSON.parse(readFileSync(source, 'utf8')) : source;
  return { services: (list as Partial<AwsParameterList>).services ?? {} };
}

/** Checks the value and otherwise has no effect: each span is sent when it has ended. */
export function setStreamingThreshold(threshold: number): void {
  SegmentUtils.setStreamingThreshold(threshold);
}
