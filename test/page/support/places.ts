import type { LocalXRay } from '../../../src/local/index.ts';
import { feed, post } from './feed.ts';
import { entityId, shopTrace, traceIdOf } from './shop.ts';

const FAULT = 8;

export interface Place {
  readonly name: string;
  readonly hash: string;
  /** What to click first. */
  readonly opens?: string;
  readonly shows: string;
}

/** Every view of the page, and an element in it. */
export const PLACES: readonly Place[] = [
  { name: 'list', hash: '#/traces', shows: '.trace-table .grid-body .row' },
  {
    name: 'map',
    hash: `#/map?at=${encodeURIComponent('["stock","AWS::EC2::Instance"]')}`,
    shows: '.map-panel .histogram',
  },
  { name: 'trace', hash: `#/trace/${traceIdOf(FAULT)}`, shows: '.timeline .bar' },
  {
    name: 'exceptions',
    hash: `#/trace/${traceIdOf(FAULT)}?at=${entityId(FAULT, 4)}&tab=exceptions`,
    shows: '.exception .stack',
  },
  {
    name: 'overview',
    hash: `#/trace/${traceIdOf(FAULT)}?at=${entityId(FAULT, 0)}`,
    shows: '.tab-panel dl',
  },
  { name: 'analytics', hash: '#/analytics?by=route', shows: '.groups tbody tr' },
  { name: 'services', hash: '#/services', shows: '.services tbody tr' },
  {
    name: 'comparison of traces',
    hash: `#/compare?a=${traceIdOf(FAULT)}&b=${traceIdOf(2)}`,
    shows: '.diff tbody tr',
  },
  {
    name: 'choice of a trace',
    hash: `#/compare?a=${traceIdOf(FAULT)}`,
    shows: '.choose li',
  },
  {
    name: 'comparison of time ranges',
    hash: '#/compare?filter=fault&a=1-9999999999&b=1-9999999999',
    shows: '.sides tbody tr',
  },
  { name: 'sampling', hash: '#/sampling?rule=Default', shows: '.rule-form' },
  { name: 'problems', hash: '#/problems', shows: '.notes' },
  {
    name: 'form of a group',
    hash: '#/traces?filter=fault',
    opens: 'button:has-text("Save as group")',
    shows: '.name-group input',
  },
  { name: 'nothing found', hash: '#/traces?filter=duration%20%3E%2099', shows: '.empty' },
];

/** X-Ray accepts the document, but not its annotation. */
const PARTIAL = {
  trace_id: traceIdOf(900),
  id: entityId(900, 0),
  name: 'partial',
  start_time: 1_763_600_000,
  end_time: 1_763_600_001,
  annotations: { 'not-a-key': 1 },
};

/** Its tokens have a column in the list. */
const modelCall = (start: number): object => ({
  trace_id: traceIdOf(901),
  id: entityId(901, 0),
  name: 'chat',
  start_time: start,
  end_time: start + 0.5,
  annotations: { 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.input_tokens': 1_270 },
});

/** Stores what the views of {@link PLACES} show. */
export async function fillPlaces(xray: LocalXRay): Promise<void> {
  const now = Date.now() / 1000;
  const numbers = Array.from({ length: 60 }, (_, number) => number);
  await feed(
    xray,
    numbers.flatMap((number) => shopTrace({ number, start: now - number })),
  );
  await feed(xray, ['{"id":"x"}', PARTIAL, modelCall(now - 2.5)]);
  const report = {
    ClientID: 'a1b2c3d4e5f6a7b8c9d0e1f2',
    Timestamp: now,
    RequestCount: 9,
    SampledCount: 5,
    BorrowCount: 1,
  };
  await post(xray, '/SamplingTargets', {
    SamplingStatisticsDocuments: [{ RuleName: 'Default', ...report }],
  });
}
