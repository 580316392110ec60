import { resourceParts } from '../../translator/blocks/resource.ts';
import { type Parent, parentOf } from '../../translator/context/document-kind.ts';
import { envelopeOf } from '../../translator/context/envelope.ts';
import {
  type Settings,
  settingsOf,
  type TranslatorOptions,
} from '../../translator/context/options.ts';
import type { ResourceParts } from '../../translator/context/resource.ts';
import type { TranslatableSpan } from '../../translator/span.ts';
import type { ByteWriter } from '../encode/byte-writer.ts';
import type { WrittenDocument } from '../encode/written-document.ts';
import { type Failure, failed, failureOf, isSameFailure } from './failure.ts';
import { SpecializedTemplate } from './specialize.ts';
import { type Template, writeTemplate } from './template.ts';
import { TemplateCompiler } from './template-compiler.ts';

/** What the document of a span follows from, its attributes aside. */
interface CacheEntry {
  readonly kind: number;
  readonly failure: Failure;
  readonly parent: 'none' | 'local' | 'remote';
  readonly resource: ResourceParts;
  readonly template: SpecializedTemplate;
}

/** What is known of the spans of one name. */
interface NameEntry {
  readonly known: CacheEntry[];
  /** The last failure. */
  failed?: Failure;
  /** To learn one more costs some of it, to know a span again gives some back. */
  compileBudget: number;
}

/** When that many names are known, all are forgotten, so memory has an end. */
const MAX_NAMES = 128;
/** A middleware says one thing; a request may end in a few ways. */
const PER_NAME = 4;
/** To learn costs as much as a few translations. */
const LEARNING = 16;
/** A name under which nothing comes again is left alone after so many tries. */
const CREDIT = 8 * LEARNING;

/**
 * Knows how spans that came before became bytes, so that one like them is not translated again: its
 * document is theirs, with ids, times and what was only copied of its own (see `Watch`).
 *
 * Spans with links, or with events other than one exception, are always translated.
 */
export class TemplateCache {
  readonly #maker: TemplateCompiler;
  readonly #settings: Settings;
  readonly #byName = new Map<string, NameEntry>();

  constructor(options: TranslatorOptions) {
    this.#settings = settingsOf(options);
    this.#maker = new TemplateCompiler(options);
  }

  /** Writes the document of a span; `undefined`, and nothing written, when none like it is known. */
  tryWrite(out: ByteWriter, span: TranslatableSpan): WrittenDocument | undefined {
    const named = this.#byName.get(span.name);
    if (named === undefined || named.known.length === 0 || !this.#mayRepeat(span)) return undefined;
    const parent = parentOf(span, this.#settings);
    const template = this.#find(named, span, parent);
    if (template === undefined) return undefined;
    const envelope = envelopeOf(span, this.#settings);
    if (typeof envelope === 'string') return undefined;
    named.compileBudget = Math.min(CREDIT, named.compileBudget + 1);
    return writeTemplate(out, template, envelope, parent.id);
  }

  #find({ known }: NameEntry, span: TranslatableSpan, parent: Parent): Template | undefined {
    const resource = resourceParts(span, this.#settings);
    const near = nearness(parent);
    for (let index = 0; index < known.length; index += 1) {
      const one = known[index] as CacheEntry;
      if (one.kind !== span.kind || one.parent !== near) continue;
      if (one.resource !== resource || !isSameFailure(span, one.failure)) continue;
      const template = one.template.match(span.attributes ?? {});
      if (template === undefined) continue;
      // What comes often moves to the front; the last place is the next one's.
      const before = Math.max(0, index - 1);
      known[index] = known[before] as CacheEntry;
      known[before] = one;
      return template;
    }
    return undefined;
  }

  /** Learns from a span that was translated; not from the first of a name, as many come but once. */
  observe(span: TranslatableSpan): void {
    try {
      this.#learn(span);
    } catch {
      // A span whose getters throw the second time was written all the same.
    }
  }

  #learn(span: TranslatableSpan): void {
    const named = this.#byName.get(span.name);
    if (named === undefined) {
      if (this.#byName.size >= MAX_NAMES) this.#byName.clear();
      this.#byName.set(span.name, { known: [], compileBudget: CREDIT });
      return;
    }
    if (named.compileBudget < LEARNING || !this.#mayRepeat(span)) return;
    const failure = failureOf(span);
    if (failure === undefined) return;
    // Most failures tell something of their own: only one that comes twice running may come often.
    if (failed(failure) && (named.failed === undefined || !isSameFailure(span, named.failed))) {
      named.failed = failure;
      return;
    }
    named.compileBudget -= LEARNING;
    const template = this.#maker.compile(span);
    if (template === undefined) return;
    named.known[Math.min(named.known.length, PER_NAME - 1)] = {
      kind: span.kind,
      failure,
      parent: nearness(parentOf(span, this.#settings)),
      resource: resourceParts(span, this.#settings),
      template: new SpecializedTemplate(template),
    };
  }

  /** In Lambda a remote parent may be the function's invocation. */
  #mayRepeat({ links, parentSpanContext }: TranslatableSpan): boolean {
    return (
      links.length === 0 &&
      (this.#settings.lambda === undefined || parentSpanContext?.isRemote !== true)
    );
  }
}

function nearness({ id, isRemote }: Parent): CacheEntry['parent'] {
  if (id === undefined) return 'none';
  return isRemote ? 'remote' : 'local';
}
