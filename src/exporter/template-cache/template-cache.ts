import { resourceParts } from '../../translator/blocks/resource.ts';
import { isInvocation, type Parent, parentOf } from '../../translator/context/document-kind.ts';
import { endMicrosOf } from '../../translator/context/envelope.ts';
import {
  type Settings,
  settingsOf,
  type TranslatorOptions,
} from '../../translator/context/options.ts';
import type { ResourceParts } from '../../translator/context/resource.ts';
import { isTimely } from '../../translator/context/trace-id-time.ts';
import type { TranslatableSpan } from '../../translator/span.ts';
import { w3cTraceId } from '../../translator/values/ids.ts';
import { epochMicros } from '../../translator/values/time.ts';
import type { ByteWriter } from '../encode/byte-writer.ts';
import {
  type RootFields,
  type WrittenDocument,
  writtenDocument,
} from '../encode/written-document.ts';
import { createCompiler } from './create-compiler.ts';
import { failureOf, hasFailed, isSameFailure } from './failure.ts';
import {
  addKeySet,
  type CacheEntry,
  findKeySet,
  type KeyNode,
  keySetsBelow,
  newNode,
} from './key-sets.ts';
import { type Review, ShapeSampler, shapeOf, WINDOWS, type Window } from './shapes.ts';
import { SpecializedTemplate } from './specialize.ts';
import { fillInOrder, type Template, writeTemplate } from './template.ts';
import type { TemplateCompiler } from './template-compiler.ts';

/** The templates for the spans of one name. */
interface NamedEntries {
  /** Their key sets. */
  readonly root: KeyNode;
  /** The entry that was found last in them. */
  last: CacheEntry | undefined;
  /** The entry that was found twice in a row, until a span differs. */
  recent: CacheEntry | undefined;
}

const NONE: ReadonlySet<string> = new Set();

/** Templates for one set of keys: a request may have several methods and outcomes. */
const MAX_PER_KEY_SET = 8;
/**
 * Minimum share of lookups that are hits, and of samples whose shapes get templates. It is high
 * because two code paths fit into the CPU caches less well than one (measured by
 * benchmarks/template-cache.ts).
 */
const MIN_SHARE = 0.6;
/** A hit rate is computed after so many lookups, in multiples of the number of templates. */
const LOOKUPS_PER_TEMPLATE = 16;
/** This share of the templates is compiled before there are hits; the others when hits have paid. */
const FIRST_SHARE = 1 / 4;
const HITS_PER_TEMPLATE = 4;

/**
 * Stores the documents of earlier spans as templates, so that a similar span is not translated
 * again: its document differs only in ids, times and copied values (see `AttributeObserver`).
 *
 * Spans with links, or with events other than one exception, are always translated.
 *
 * A {@link ShapeSampler} finds the frequent shapes. Only these get templates, and only if they make up
 * most of the spans. Otherwise, and when too few lookups are hits, the cache is off until the
 * next review.
 */
export class TemplateCache {
  readonly #options: TranslatorOptions;
  #compiler: TemplateCompiler | undefined;
  readonly #settings: Settings;
  readonly #sampler: ShapeSampler;
  readonly #later: (work: () => void) => void;
  readonly #names = new Map<string, NamedEntries>();
  #isOn = false;
  /** Whether there may be templates for failures. */
  #hasFailures = false;
  /** Shapes that get templates when they occur next. Empty again after the first lookups. */
  #wanted: ReadonlySet<string> = NONE;
  /** Maximum number of templates until the next review. */
  #maxTemplates = 0;
  #templates = 0;
  /** Hits since the last review. */
  #hits = 0;
  /**
   * Number of lookups until the hit rate is computed, and the hits that are enough then. Failures
   * do not count as lookups, because most of them are translated with and without the cache.
   */
  #lookupsLeft = 0;
  #enoughHits = 0;
  /** Values of the attributes of the span that was looked up last. */
  readonly #values: unknown[] = [];
  #lastResource: object | undefined;
  #lastParts: ResourceParts | undefined;

  /**
   * @param windows when templates are compiled, and how many
   * @param later runs work that need not be done before the span is sent; default: runs it now
   */
  constructor(
    options: TranslatorOptions,
    windows: readonly Window[] = WINDOWS,
    later: (work: () => void) => void = (work) => work(),
  ) {
    this.#later = later;
    this.#settings = settingsOf(options);
    this.#options = options;
    this.#sampler = new ShapeSampler(windows);
  }

  /** Whether spans are looked up. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /**
   * Writes the document of a span whose place is not known yet. Returns `undefined`, and writes nothing,
   * without a template.
   */
  tryWrite(out: ByteWriter, span: TranslatableSpan): WrittenDocument | undefined {
    if (!this.#isOn) return undefined;
    const parent = parentOf(span, this.#settings);
    const template = this.#find(span, parent);
    const traceId = this.#traceIdOf(span);
    if (template === undefined || traceId === undefined) return undefined;
    const start = out.length;
    const id = this.#write(out, template, span, undefined);
    if (id === undefined) return undefined;
    const { head, subsegment } = template;
    const middle = start + head.middle;
    const place = { traceId, parentId: parent.id, subsegment };
    return writtenDocument({ ...place, id, finished: true, start, middle, end: out.length });
  }

  /**
   * Writes the document of a span inside another one, or as an outermost one. Returns its id, or
   * `undefined`, and writes nothing, without a template or if it does not belong there.
   */
  tryWriteInside(
    out: ByteWriter,
    span: TranslatableSpan,
    outer: string | undefined,
  ): string | undefined {
    if (!this.#isOn) return undefined;
    const parent = parentOf(span, this.#settings);
    const template = this.#find(span, parent);
    const traceId = this.#traceIdOf(span);
    if (template === undefined || traceId === undefined) return undefined;
    const { subsegment } = template;
    if (outer !== undefined && !(subsegment && parent.id === outer)) return undefined;
    const root = outer === undefined ? { traceId, parentId: parent.id, subsegment } : undefined;
    return this.#write(out, template, span, root);
  }

  /** Returns the template for a span, filled with its values. */
  #find(span: TranslatableSpan, parent: Parent): Template | undefined {
    if (!hasFailed(span)) this.#countLookup();
    else if (!this.#hasFailures) return undefined;
    const named = this.#names.get(span.name);
    if (named === undefined || !isCacheable(span)) return undefined;
    const place = placeOf(parent, this.#settings);
    return this.#matchRecent(named, span, place) ?? this.#match(named, span, place);
  }

  /** The translator reports a span with an invalid trace id. */
  #traceIdOf(span: TranslatableSpan): string | undefined {
    const traceId = w3cTraceId(span.spanContext().traceId);
    if (traceId === undefined || !this.#settings.validateTraceIdTime) return traceId;
    return isTimely(traceId, this.#settings) ? traceId : undefined;
  }

  /** Returns the id of the document. The translator reports a span with invalid id or times. */
  #write(
    out: ByteWriter,
    template: Template,
    span: TranslatableSpan,
    root: RootFields | undefined,
  ): string | undefined {
    const startMicros = epochMicros(span.startTime);
    if (startMicros === undefined) return undefined;
    const endMicros = endMicrosOf(span, startMicros);
    const { spanId } = span.spanContext();
    const id = writeTemplate(out, template, spanId, startMicros, endMicros, root);
    if (id !== undefined) this.#hits += 1;
    return id;
  }

  /** The spans of an app usually have one resource. */
  #resourceOf(span: TranslatableSpan): ResourceParts {
    const { resource } = span;
    if (resource === this.#lastResource) return this.#lastParts as ResourceParts;
    const parts = resourceParts(span, this.#settings);
    // Not one that is not complete.
    if (this.#settings.resources.has(resource)) {
      this.#lastResource = resource;
      this.#lastParts = parts;
    }
    return parts;
  }

  /** Most spans of a name are like the last one, which shows in one pass over their attributes. */
  #matchRecent(
    named: NamedEntries,
    span: TranslatableSpan,
    place: CacheEntry['parent'],
  ): Template | undefined {
    const { recent } = named;
    const ordered = recent?.template.ordered;
    if (recent === undefined || ordered === undefined) return undefined;
    if (!isFor(recent, span, place, this.#resourceOf(span))) return undefined;
    if (!fillInOrder(ordered, span.attributes ?? {})) {
      named.recent = undefined;
      return undefined;
    }
    recent.hits += 1;
    return ordered.template;
  }

  #match(
    named: NamedEntries,
    span: TranslatableSpan,
    place: CacheEntry['parent'],
  ): Template | undefined {
    const keySet = findKeySet(named.root, span.attributes ?? {}, this.#values);
    if (keySet === undefined) return undefined;
    const { entries } = keySet;
    const resource = this.#resourceOf(span);
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index] as CacheEntry;
      if (!isFor(entry, span, place, resource)) continue;
      const template = entry.template.match(this.#values);
      if (template === undefined) continue;
      if (entry === named.last) named.recent = entry;
      named.last = entry;
      entry.hits += 1;
      // Often used entries move to the front.
      const before = Math.max(0, index - 1);
      entries[index] = entries[before] as CacheEntry;
      entries[before] = entry;
      return template;
    }
    return undefined;
  }

  /** After some lookups, ends learning, and switches the cache off if too few of them were hits. */
  #countLookup(): void {
    this.#lookupsLeft -= 1;
    if (this.#lookupsLeft > 0) return;
    this.#wanted = NONE;
    if (this.#hits < this.#enoughHits) this.#switchOff();
    this.#awaitHits();
  }

  #awaitHits(): void {
    this.#lookupsLeft = this.#maxTemplates * LOOKUPS_PER_TEMPLATE;
    this.#enoughHits = this.#hits + this.#lookupsLeft * MIN_SHARE;
  }

  #switchOff(): void {
    this.#isOn = false;
    this.#wanted = NONE;
    this.#names.clear();
    this.#templates = 0;
    this.#hits = 0;
    this.#hasFailures = false;
  }

  /** Learns from a span that was translated. Never throws. */
  observe(span: TranslatableSpan): void {
    if (this.#wanted.size > 0) this.#later(() => this.#tryLearn(span));
    try {
      const review = this.#sampler.observe(span);
      if (review !== undefined) this.#apply(review);
    } catch {
      // A getter of the span throws on the second read. The span has already been written.
    }
  }

  /** Removes templates that are hardly used, and decides which shapes get new ones. */
  #apply({ templates, interval, shapes, samples }: Review): void {
    this.#maxTemplates = templates;
    this.#keepUsed(interval);
    const chosen = shapes.slice(0, Math.max(0, templates - this.#templates));
    // The first sample of a shape only shows that it exists.
    const recurring = chosen.reduce((sum, [, count]) => sum + count - 1, 0);
    const covered = this.#hits + recurring * interval;
    if (covered < (this.#hits + samples * interval) * MIN_SHARE) {
      this.#switchOff();
      return;
    }
    this.#isOn = true;
    this.#wanted = new Set(chosen.map(([shape]) => shape));
    this.#hits = 0;
    this.#awaitHits();
  }

  /** Keeps the templates that were used more often than a shape with one sample. */
  #keepUsed(minHits: number): void {
    const names = [...this.#names];
    this.#names.clear();
    this.#templates = 0;
    for (const [name, { root }] of names) {
      for (const { keys, entries } of keySetsBelow(root)) {
        const used = entries.filter(({ hits }) => hits >= minHits);
        for (const entry of used) this.#add(name, keys, { ...entry, hits: 0 });
      }
    }
  }

  #add(name: string, keys: readonly string[], entry: CacheEntry): void {
    const named = this.#names.get(name) ?? { root: newNode(), last: undefined, recent: undefined };
    this.#names.set(name, named);
    addKeySet(named.root, keys).entries.push(entry);
    this.#templates += 1;
  }

  #tryLearn(span: TranslatableSpan): void {
    try {
      this.#learn(span);
    } catch {
      // As in `observe`: a span that cannot be read again gets no template.
    }
  }

  #learn(span: TranslatableSpan): void {
    const affordable = this.#maxTemplates * FIRST_SHARE + this.#hits / HITS_PER_TEMPLATE;
    if (this.#templates >= Math.min(this.#maxTemplates, affordable)) return;
    if (!isCacheable(span) || !this.#wanted.has(shapeOf(span))) return;
    const attributes = span.attributes ?? {};
    const root = this.#names.get(span.name)?.root;
    const entries = root && findKeySet(root, attributes, this.#values)?.entries;
    // Another template for the same keys is compiled when the last one has been useful.
    if (entries?.at(-1)?.hits === 0 || entries?.length === MAX_PER_KEY_SET) return;
    const failure = failureOf(span);
    this.#compiler ??= createCompiler(this.#options);
    const template = failure && this.#compiler.compile(span);
    if (failure === undefined || template === undefined) return;
    this.#add(span.name, Object.keys(attributes), {
      kind: span.kind,
      failure,
      parent: placeOf(parentOf(span, this.#settings), this.#settings),
      resource: resourceParts(span, this.#settings),
      template: new SpecializedTemplate(template),
      hits: 0,
    });
    this.#hasFailures ||= hasFailed(span);
  }
}

function isFor(
  entry: CacheEntry,
  span: TranslatableSpan,
  place: CacheEntry['parent'],
  resource: CacheEntry['resource'],
): boolean {
  return (
    entry.kind === span.kind &&
    entry.parent === place &&
    entry.resource === resource &&
    isSameFailure(span, entry.failure)
  );
}

function isCacheable({ links }: TranslatableSpan): boolean {
  return links.length === 0;
}

/** The kind of document depends on the place of the parent. */
function placeOf(parent: Parent, settings: Settings): CacheEntry['parent'] {
  if (parent.id === undefined) return 'none';
  if (!parent.isRemote) return 'local';
  return isInvocation(parent, settings) ? 'invocation' : 'remote';
}
