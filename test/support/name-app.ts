/** A program that creates a segment `n <number>` every few milliseconds; see address-change.test.ts. */
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { parseDaemonAddress } from '../../src/daemon-address.ts';
import { XRayExporter } from '../../src/exporter/index.ts';
import { XRaySpanProcessor } from '../../src/exporter/processor.ts';
import { plainDocuments } from './documents.ts';

const { AWS_XRAY_DAEMON_ADDRESS = '', LOOK_UP_MS = '' } = process.env;
const exporter = new XRayExporter({
  daemon: parseDaemonAddress(AWS_XRAY_DAEMON_ADDRESS).udp,
  lookUpMs: LOOK_UP_MS === '' ? undefined : Number(LOOK_UP_MS),
  translate: plainDocuments,
});
const provider = new BasicTracerProvider({ spanProcessors: [new XRaySpanProcessor({ exporter })] });
const tracer = provider.getTracer('test');
let made = 0;
const timer = setInterval(() => {
  tracer.startSpan(`n ${made}`).end();
  made += 1;
}, 5);
process.on('SIGTERM', () => {
  clearInterval(timer);
  exporter.shutdown().then(() => {
    process.stdout.write(JSON.stringify({ made, ...exporter.counters() }));
    process.exit(0);
  });
});
