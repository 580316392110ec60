import { readFileSync } from 'node:fs';
import { DEFAULT_DAEMON, parseDaemonAddress } from '../daemon-address.ts';
import type { AwsParameterList } from '../instrumentation/aws/aws-parameters.ts';
import { setLate } from '../late-settings.ts';
import { log } from './logger.ts';
import type { Plugin } from './plugins.ts';
import { SegmentUtils } from './segment-utils.ts';

let parameters: AwsParameterList = { services: {} };

/** Accepts the plugins and does nothing: the resource detectors record the same data. */
export function config(_plugins: readonly Plugin[]): void {}

/**
 * Sets the address of the X-Ray daemon: `host`, `:port` or `host:port`. `AWS_XRAY_DAEMON_ADDRESS`
 * takes precedence.
 *
 * @throws {Error} if the address is invalid
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
 * @param source path of a file in the format of `aws_whitelist.json`, or its content
 * @throws {Error} if it is neither, or if the file cannot be read
 */
export function setAWSWhitelist(source: string | object): void {
  parameters = listOf(source);
  setLate('awsParameters', parameters);
}

/** The X-Ray SDK also accepts a host or a port alone. */
function completeAddress(address: string): string {
  const text = String(address).trim();
  if (text.startsWith(':')) return DEFAULT_DAEMON.udp.host + text;
  return text.includes(':') ? text : `${text}:${DEFAULT_DAEMON.udp.port}`;
}

/** Adds parameters of AWS calls to record. */
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

/** Validates the value. It has no effect: each span is sent after it has ended. */
export function setStreamingThreshold(threshold: number): void {
  SegmentUtils.setStreamingThreshold(threshold);
}
