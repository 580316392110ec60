import type { TranslatableSpan } from '../../translator/span.ts';
import { hasFailed, messagesOf } from './failure.ts';

/** Longer descriptions take too much memory. */
const MAX_LENGTH = 2_048;

/** What the samples of a window say about the spans that were translated. */
export interface Review {
  /** Maximum number of templates until the next review. */
  readonly templates: number;
  /** Number of translated spans that a sample stands for. */
  readonly interval: number;
  /** Shapes with their number of samples, the most frequent ones first. */
  readonly shapes: readonly (readonly [shape: string, samples: number])[];
  /** All samples except failures that did not recur, which are translated in any case. */
  readonly samples: number;
}

/** Translated spans of which a sample is taken, and the templates that may be compiled after them. */
export interface Window {
  readonly spans: number;
  /** Mean number of spans from one sample to the next. */
  readonly interval: number;
  readonly templates: number;
}

/**
 * The windows after which shapes are chosen; the last one repeats. An app with few shapes is learned
 * before V8 has optimized the translator for them, which saves this work. Otherwise learning waits
 * until its cost is a small part of the time spent so far: a template takes as much time as ten
 * translations, and V8 compiles one more code path. Larger caches than the last one do not fit into
 * the CPU caches, and a lookup is then as slow as a translation.
 */
export const WINDOWS: readonly Window[] = [
  { spans: 128, interval: 2, templates: 16 },
  { spans: 16_384, interval: 32, templates: 64 },
  { spans: 65_536, interval: 64, templates: 128 },
];

/** Finds the shapes that occur most frequently among a sample of the translated spans. */
export class ShapeSampler {
  readonly #windows: readonly Window[];
  #current = 0;
  #untilReview: number;
  #untilSample = 1;
  #random = 1;
  readonly #counts = new Map<string, number>();
  #samples = 0;

  constructor(windows: readonly Window[]) {
    this.#windows = windows;
    this.#untilReview = this.#window.spans;
  }

  get #window(): Window {
    return this.#windows[this.#current] as Window;
  }

  /** Counts a translated span. Returns a review at the end of a window. */
  observe(span: TranslatableSpan): Review | undefined {
    this.#untilSample -= 1;
    if (this.#untilSample === 0) this.#sample(span);
    this.#untilReview -= 1;
    return this.#untilReview === 0 ? this.#review() : undefined;
  }

  #sample(span: TranslatableSpan): void {
    this.#untilSample = this.#nextInterval();
    const shape = shapeOf(span);
    const before = this.#counts.get(shape);
    // Most failures have a unique message. Only those that occur again are likely to recur.
    const count = before === undefined && hasFailed(span) ? 0 : (before ?? 0) + 1;
    if (shape.length <= MAX_LENGTH) this.#counts.set(shape, count);
    if (count > 0) this.#samples += 1;
  }

  #review(): Review {
    const review = {
      templates: this.#window.templates,
      interval: this.#window.interval,
      shapes: [...this.#counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a),
      samples: this.#samples,
    };
    this.#counts.clear();
    this.#samples = 0;
    this.#current = Math.min(this.#current + 1, this.#windows.length - 1);
    this.#untilReview = this.#window.spans;
    this.#untilSample = this.#nextInterval();
    return review;
  }

  /**
   * Returns a number of spans that is random, so that samples do not fall into step with an app
   * whose traces all have the same spans.
   */
  #nextInterval(): number {
    this.#random = (Math.imul(this.#random, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return 1 + ((this.#random >> 8) % (2 * this.#window.interval - 1));
  }
}

/**
 * Returns a text that is the same for spans that probably share a template. The HTTP status is part
 * of it, because it decides about many fields of the document.
 */
export function shapeOf(span: TranslatableSpan): string {
  const attributes = span.attributes ?? {};
  const status = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  const keys = Object.keys(attributes).join('\n');
  const shape = `${span.kind}\n${span.name}\n${typeof status === 'number' ? status : ''}\n${keys}`;
  return hasFailed(span) ? `${shape}\n${messagesOf(span)}` : shape;
}
