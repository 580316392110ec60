import { asObject, asText, parseJson } from '../../json.ts';
import { getTraceSummaries, getTraces } from '../api.ts';
import { type Item, itemOf } from '../list/items.ts';
import { rangeOf } from '../time-range.ts';

/** A sampled request and the rule that took it. */
export interface Decision {
  readonly item: Item;
  /** Name of the rule; `undefined` where the app does not say. */
  readonly rule: string | undefined;
}

const SHOWN = 25;

/** Loads the newest requests with the rule that their segments name. */
export async function loadDecisions(signal: AbortSignal): Promise<readonly Decision[]> {
  const range = rangeOf('', Date.now());
  const { TraceSummaries } = await getTraceSummaries(range, '', undefined, signal);
  const items = (TraceSummaries ?? []).slice(0, SHOWN).map(itemOf);
  if (items.length === 0) return [];
  const traces = await getTraces(
    items.map(({ id }) => id),
    signal,
  );
  const rules = new Map(traces.map((trace) => [trace.Id, ruleOf(trace.Segments)]));
  return items.map((item) => ({ item, rule: rules.get(item.id) }));
}

function ruleOf(segments: readonly { readonly Document: string }[]): string | undefined {
  for (const { Document } of segments) {
    const aws = asObject(asObject(parseJson(Document))?.['aws']);
    const rule = asText(asObject(aws?.['xray'])?.['sampling_rule_name']);
    if (rule !== undefined) return rule;
  }
  return undefined;
}
