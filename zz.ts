import { readFileSync } from 'node:fs';
import { readTraceRequest } from './src/otlp/read.ts';
import { toDocuments } from './src/translator/index.ts';
import { oracleAnswers, syntheticLines } from './test/support/oracle.ts';

let n = 0;
const o = {
  onWarning() {},
  randomId: () => (++n).toString(16).padStart(16, 'a'),
  ...JSON.parse(process.env.OPTS ?? '{}'),
};
const files = process.argv.slice(2);
const lines = files.flatMap((f) =>
  f.startsWith('syn:')
    ? syntheticLines(Number(f.split(':')[1]), Number(f.split(':')[2]))
    : readFileSync(f, 'utf8').split('\n').filter(Boolean),
);
const answers = oracleAnswers(lines, (process.env.ARGS ?? '').split(' ').filter(Boolean));
const show = process.env.SHOW;
const max = Number(process.env.N ?? 5);
const counts: any = {};
let shown = 0;
const P = [
  'id',
  'trace_id',
  'parent_id',
  'type',
  'namespace',
  'name',
  'error',
  'fault',
  'throttle',
  'in_progress',
  'user',
];
const get = (d: any, p: string) => p.split('.').reduce((x, k) => x?.[k], d);
lines.forEach((l, i) => {
  const spans = readTraceRequest(l);
  if (spans.length > 1) return;
  const a = answers[i]!;
  if (a === 'crash') {
    counts.crash = (counts.crash ?? 0) + 1;
    return;
  }
  const ours: any[] = JSON.parse(JSON.stringify(toDocuments(spans[0]!, o)));
  const theirs: any[] = (a.documents as any) ?? [];
  const diff = (f: string, x: any, y: any) => {
    counts[f] = (counts[f] ?? 0) + 1;
    if (f === show && shown++ < max) {
      const s: any = spans[0];
      console.log(
        '---',
        f,
        '\n theirs',
        JSON.stringify(x),
        '\n ours  ',
        JSON.stringify(y),
        '\n kind',
        s.kind,
        'parent',
        JSON.stringify(s.parentSpanContext),
        s.name,
        JSON.stringify(s.status),
        JSON.stringify(s.attributes).slice(0, 1500),
        process.env.RES ? JSON.stringify(s.resource.attributes) : '',
        process.env.EV ? JSON.stringify(s.events) : '',
      );
    }
  };
  if (ours.length !== theirs.length) diff('count', theirs.length, ours.length);
  const id = spans[0]!.spanContext().spanId;
  const t = theirs.find((d) => d.id === id),
    u = ours.find((d) => d.id === id);
  if (!t || !u) {
    diff('missing', t, u);
    return;
  }
  const eq = (f: string, x: any, y: any) => {
    if (JSON.stringify(x) !== JSON.stringify(y)) diff(f, x, y);
  };
  for (const f of P) eq(f, t[f] === false ? undefined : t[f], u[f]);
  for (const f of ['start_time', 'end_time'])
    if (Math.abs((t[f] ?? 0) - (u[f] ?? 0)) > 1e-6) diff(f, t[f], u[f]);
  for (const f of [
    'http.request.method',
    'http.request.url',
    'http.request.user_agent',
    'http.request.client_ip',
    'http.response.status',
    'aws.operation',
    'aws.region',
    'aws.account_id',
    'aws.request_id',
    'aws.queue_url',
    'aws.table_name',
    'aws.table_names',
    'origin',
    'service.version',
    'sql.sanitized_query',
    'sql.database_type',
    'sql.user',
    'aws.ecs',
    'aws.eks',
    'aws.elastic_beanstalk',
    'aws.cloudwatch_logs',
    'links',
  ])
    eq(f, get(t, f), get(u, f));
  const sorted = (o: any) => o && Object.fromEntries(Object.entries(o).sort());
  eq('annotations', sorted(t.annotations), sorted(u.annotations));
  const ex = (d: any) =>
    typeof d.cause === 'object'
      ? d.cause.exceptions.map((e: any) => [e.type ?? '', e.message ?? '', e.remote ?? false])
      : undefined;
  eq('cause', ex(t), ex(u));
});
console.log(lines.length, counts);
