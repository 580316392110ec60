/** Adds an exporter that sends prepared bytes to otel-xray without exporter; for `--import`. */
import { createRequire } from 'node:module';
import { sendAlone } from '../support/send-alone.ts';

/** Same length as the documents of the server. */
const BYTES = 1_305;
const [, port] = process.env['AWS_XRAY_DAEMON_ADDRESS']?.split(':') ?? [];
const { start } = createRequire(import.meta.url)('../../dist/index.cjs');
start({ spanProcessors: [sendAlone(Number(port), BYTES)] });
