import { resourceParts } from '../../translator/blocks/resource.ts';
import { type Parent, parentOf } from '../../translator/context/document-kind.ts';
import { envelopeOf } from '../../translator/context/envelope.ts';
import {
  type Settings,
  settingsOf,
  type TranslatorOptions,
} from '../../translator/context/options.ts';
import type { TranslatableSpan } from '../../translator/span.ts';
import type { ByteWriter } from '../encode/byte-writer.ts';
import type { WrittenDocument } from '../encode/written-document.ts';
import { failureOf, hasFailed, isSameFailure, messagesOf } from './failure.ts';
import { type HitRate, isWorthwhile, newHitRate } from './hit-rate.ts';
import {
  addKeySet,
  type CacheEntry,
  findKeySet,
  type KeyNode,
  type KeySet,
  keySetsBelow,
  newNode,
} from './key-sets.ts';
import { SpecializedTemplate } from './specialize.ts';
import { type Template, writeTemplate } from './template.ts';
import { TemplateCompiler } from './template-compiler.ts';

/** The spans of one name. */
interface NameEntry {
  root: KeyNode;
  readonly hitRate: HitRate;
  /** Messages of the last span that failed. */
  lastMessages: string;
  /** Whether there may be templates for failures. */
  hasFailures: boolean;
}

const MAX_NAMES = 256;
/** Larger caches do not fit into the CPU caches, and a lookup is then as slow as a translation. */
const MAX_TEMPLATES = 128;
/** Keys of all key sets, with or without templates. */
const MAX_KEYS = 4_096;
/** Templates for one set of keys: a request may have several methods and outcomes. */
const MAX_PER_KEY_SET = 8;
const MAX_GAP = 4_096;

/**
 * The budget, in translations of a span. It starts with a few templates, so that an app with few
 * shapes of spans is learned at once. A miss adds so little that learning costs at most a few percent
 * even if no template is ever used; a hit, or a miss that a template would have prevented, adds a
 * part of what a template saves.
 */
const COMPILE_PRICE = 10;
const MISS_INCOME = 0.01;
const HIT_INCOME = 0.4;
const FIRST_BUDGET = 16 * COMPILE_PRICE;
const MAX_BUDGET = 32 * COMPILE_PRICE;
/** With this many more templates, a key set must occur once more before it gets its first one. */
const TEMPLATES_PER_MISS = 32;

/**
 * Minimum hit rates, of all spans and of the spans of one name, at which the cache is faster. They
 * are high because two code paths fit into the CPU caches less well than one (measured by
 * benchmarks/template-cache.ts). Misses that a template would have prevented count as hits.
 */
const MIN_SHARE = 0.55;
/** That of the first lookups, many of which are the first ones with their keys. */
const FIRST_MIN_SHARE = 0.4;
const MIN_SHARE_OF_NAME = 1 / 2;
/** Lookups of a name before the first pause. */
const WARM_UP_OF_NAME = 2_048;

/** Translated spans between two sweeps of a full cache. */
const SWEEP_INTERVAL = 16_384;

/**
 * Stores the documents of earlier spans as templates, so that a similar span is not translated
 * again: its document differs only in ids, times and copied values (see `AttributeObserver`).
 *
 * Spans with links, or with events other than one exception, are always translated.
 *
 * Limits its cost to what it saves: compiling templates uses a budget that hits refill, names and key
 * sets whose templates are not used are compiled less and less often, and all sizes are bounded.
 */
export class TemplateCache {
  readonly #compiler: TemplateCompiler;
  readonly #settings: Settings;
  #names = new Map<string, NameEntry>();
  /** Values of the attributes of the span that was looked up last. */
  readonly #values: unknown[] = [];
  /** The last span for which there was no template, until it is observed, and its key set. */
  #missed: TranslatableSpan | undefined;
  #missedKeySet: KeySet | undefined;
  readonly #hitRate = newHitRate(MIN_SHARE, FIRST_MIN_SHARE);
  #budget = FIRST_BUDGET;
  #templates = 0;
  /** Key sets that wait for their first template. */
  #candidates = 0;
  /** Whether there may be templates for failures. */
  #hasFailures = false;
  #keys = 0;
  #sinceSweep = 0;

  constructor(options: TranslatorOptions) {
    this.#settings = settingsOf(options);
    this.#compiler = new TemplateCompiler(options);
  }

  /** Writes the document of a span. Returns `undefined`, and writes nothing, without a template. */
  tryWrite(out: ByteWriter, span: TranslatableSpan): WrittenDocument | undefined {
    // Not counted as a lookup: it costs nothing, and the span is translated in any case.
    if (!this.#hasFailures && hasFailed(span)) return undefined;
    if (!isWorthwhile(this.#hitRate)) return undefined;
    const name = this.#names.get(span.name);
    if (name === undefined || (hasFailed(span) && !name.hasFailures)) return undefined;
    if (!isWorthwhile(name.hitRate) || !this.#isCacheable(span)) return undefined;
    const keySet = findKeySet(name.root, span.attributes ?? {}, this.#values);
    const parent = parentOf(span, this.#settings);
    const template = keySet && this.#match(keySet, span, parent);
    if (keySet === undefined || template === undefined) {
      this.#missed = span;
      this.#missedKeySet = keySet;
      return undefined;
    }
    const envelope = envelopeOf(span, this.#settings);
    if (typeof envelope === 'string') return undefined;
    keySet.hits += 1;
    this.#countHit(name);
    return writeTemplate(out, template, envelope, parent.id);
  }

  #countHit(name: NameEntry): void {
    this.#hitRate.hits += 1;
    name.hitRate.hits += 1;
    this.#earn(HIT_INCOME);
  }

  #earn(income: number): void {
    this.#budget = Math.min(MAX_BUDGET, this.#budget + income);
  }

  #match(keySet: KeySet, span: TranslatableSpan, parent: Parent): Template | undefined {
    const { entries } = keySet;
    const resource = resourceParts(span, this.#settings);
    const place = placeOf(parent);
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index] as CacheEntry;
      if (entry.kind !== span.kind || entry.parent !== place) continue;
      if (entry.resource !== resource || !isSameFailure(span, entry.failure)) continue;
      const template = entry.template.match(this.#values);
      if (template === undefined) continue;
      if (!entry.isProven) {
        entry.isProven = true;
        keySet.gap = 1;
      }
      // Often used entries move to the front; the last one is replaced when there are too many.
      const before = Math.max(0, index - 1);
      entries[index] = entries[before] as CacheEntry;
      entries[before] = entry;
      return template;
    }
    return undefined;
  }

  /** Learns from a span that was translated. */
  observe(span: TranslatableSpan): void {
    if (this.#hitRate.paused > 0) return;
    this.#earn(MISS_INCOME);
    this.#sinceSweep += 1;
    try {
      this.#observe(span);
    } catch {
      // A getter of this span throws on the second read. The span has already been written.
    }
    this.#missed = undefined;
  }

  #observe(span: TranslatableSpan): void {
    if (this.#templates >= MAX_TEMPLATES) this.#sweep();
    if (this.#templates >= MAX_TEMPLATES) return;
    const name = this.#names.get(span.name) ?? this.#addName(span.name);
    if (name === undefined || name.hitRate.paused > 0 || !this.#isCacheable(span)) return;
    if (hasFailed(span) && !isRepeatedFailure(name, span)) return;
    const keySet = this.#keySetOf(name, span);
    if (keySet === undefined) return;
    keySet.misses += 1;
    if (keySet.misses < keySet.compileAt || !this.#admit(name, keySet)) return;
    if (this.#budget < COMPILE_PRICE) return;
    this.#compile(name, keySet, span);
  }

  /**
   * Counts a span whose key set was seen before, and returns whether the key set may get a template.
   * Until it has its first one, its spans count as hits.
   */
  #admit(name: NameEntry, keySet: KeySet): boolean {
    if (keySet.state === 'compiled') return true;
    if (keySet.state === 'candidate') this.#countHit(name);
    else {
      if (this.#templates + this.#candidates >= MAX_TEMPLATES) return false;
      keySet.state = 'candidate';
      this.#candidates += 1;
    }
    return keySet.misses >= keySet.compileAt + Math.floor(this.#templates / TEMPLATES_PER_MISS);
  }

  #compile(name: NameEntry, keySet: KeySet, span: TranslatableSpan): void {
    this.#budget -= COMPILE_PRICE;
    if (keySet.state === 'candidate') this.#candidates -= 1;
    keySet.state = 'compiled';
    keySet.gap = Math.min(MAX_GAP, keySet.gap * 2);
    keySet.compileAt = keySet.misses + keySet.gap;
    const failure = failureOf(span);
    const template = failure && this.#compiler.compile(span);
    if (failure === undefined || template === undefined) return;
    const entry: CacheEntry = {
      kind: span.kind,
      failure,
      parent: placeOf(parentOf(span, this.#settings)),
      resource: resourceParts(span, this.#settings),
      template: new SpecializedTemplate(template),
      isProven: false,
    };
    if (keySet.entries.length === MAX_PER_KEY_SET) keySet.entries.pop();
    else this.#templates += 1;
    keySet.entries.push(entry);
    name.hasFailures ||= hasFailed(span);
    this.#hasFailures ||= name.hasFailures;
  }

  #addName(name: string): NameEntry | undefined {
    if (this.#names.size >= MAX_NAMES) this.#sweep();
    if (this.#names.size >= MAX_NAMES) return undefined;
    const entry = {
      root: newNode(),
      hitRate: newHitRate(MIN_SHARE_OF_NAME, MIN_SHARE_OF_NAME, WARM_UP_OF_NAME),
      lastMessages: '',
      hasFailures: false,
    };
    this.#names.set(name, entry);
    return entry;
  }

  /** Returns the key set of a span. Creates one if there is none and there is room. */
  #keySetOf(name: NameEntry, span: TranslatableSpan): KeySet | undefined {
    const attributes = span.attributes ?? {};
    const found =
      this.#missed === span ? this.#missedKeySet : findKeySet(name.root, attributes, this.#values);
    if (found !== undefined) return found;
    const keys = Object.keys(attributes);
    if (this.#keys + keys.length >= MAX_KEYS) this.#sweep();
    if (this.#keys + keys.length >= MAX_KEYS) return undefined;
    this.#keys += keys.length + 1;
    return addKeySet(name.root, keys);
  }

  /** Removes everything that was not used since the last sweep, unless that sweep was recent. */
  #sweep(): void {
    if (this.#sinceSweep < SWEEP_INTERVAL) return;
    this.#sinceSweep = 0;
    this.#missed = undefined;
    this.#templates = 0;
    this.#candidates = 0;
    this.#keys = 0;
    for (const [name, entry] of this.#names) {
      const used = keySetsBelow(entry.root).filter(({ hits }) => hits > 0);
      if (used.length === 0) {
        this.#names.delete(name);
        continue;
      }
      entry.root = newNode();
      for (const { keys, entries } of used) {
        const kept = addKeySet(entry.root, keys);
        kept.state = 'compiled';
        kept.entries.push(...entries);
        this.#keys += keys.length + 1;
        this.#templates += entries.length;
      }
    }
  }

  /** In Lambda, whether a remote parent is the invocation of the function differs from span to span. */
  #isCacheable({ links, parentSpanContext }: TranslatableSpan): boolean {
    return (
      links.length === 0 &&
      (this.#settings.lambda === undefined || parentSpanContext?.isRemote !== true)
    );
  }
}

/** Most failures have a unique message. Only failures that occur twice in a row are likely to recur. */
function isRepeatedFailure(name: NameEntry, span: TranslatableSpan): boolean {
  const before = name.lastMessages;
  name.lastMessages = messagesOf(span);
  return name.lastMessages === before;
}

function placeOf({ id, isRemote }: Parent): CacheEntry['parent'] {
  if (id === undefined) return 'none';
  return isRemote ? 'remote' : 'local';
}
