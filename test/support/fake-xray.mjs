#!/usr/bin/env node
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
// A stand-in for the X-Ray *service* (not the daemon), so that the real daemon binary has something to upload to.
//   fake-xray.mjs --port 0 --out uploads.jsonl [--rules rules.json] [--targets targets.json]
// Prints {"port":N} on stdout when it listens. Every call is appended to --out as one JSON line:
//   {"path":"/TraceSegments","body":{...}}
// --rules: body answered to POST /GetSamplingRules; --targets: body answered to POST /SamplingTargets.
// Both files are read again at each call, so a test can change them while it runs.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    out: { type: 'string', default: 'uploads.jsonl' },
    rules: { type: 'string' },
    targets: { type: 'string' },
  },
});
const reply = (file, fallback) =>
  file && existsSync(file) ? readFileSync(file, 'utf8') : JSON.stringify(fallback);

createServer((req, res) => {
  const chunks = [];
  req.on('data', (c) => chunks.push(c));
  req.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    let body = text;
    try {
      body = JSON.parse(text);
    } catch {}
    appendFileSync(values.out, `${JSON.stringify({ path: req.url, body })}\n`);
    res.setHeader('content-type', 'application/json');
    if (req.url === '/GetSamplingRules') res.end(reply(values.rules, { SamplingRuleRecords: [] }));
    else if (req.url === '/SamplingTargets')
      res.end(
        reply(values.targets, {
          SamplingTargetDocuments: [],
          UnprocessedStatistics: [],
          LastRuleModification: 0,
        }),
      );
    else if (req.url === '/TraceSegments')
      res.end(JSON.stringify({ UnprocessedTraceSegments: [] }));
    else res.end('{}');
  });
}).listen(Number(values.port), '127.0.0.1', function () {
  process.stdout.write(`${JSON.stringify({ port: this.address().port })}\n`);
});
