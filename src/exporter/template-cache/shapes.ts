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

/** Samples that are taken before a review, and the templates that may be compiled after it. */
export interface Window {
  readonly samples: number;
  /** Mean number of translated spans from one sample to the next. */
  readonly interval: number;
  readonly templates: number;
}

/**
 * The windows after which shapes are chosen; the last one repeats. An app with few shapes is learned
 * before V8 has optimized the translator for them, which saves this work. Otherwise learning waits
 * until its cost is a small part of the time spent so far: a template takes as much time as ten
 * translations, and V8 compiles one more code path. 512 templates take about 2 MB; their lookups are
 * slower than those of few templates, but still faster than a translation. Four samples for each
 * template show which shapes are frequent; a sample takes about as much time as a translation.
 */
export const WINDOWS: readonly Window[] = [
  { samples: 64, interval: 2, templates: 16 },
  { samples: 256, interval: 64, templates: 64 },
  { samples: 512, interval: 128, templates: 128 },
  { samples: 2_048, interval: 64, templates: 512 },
];

/** Finds the shapes that occur most frequently among a sample of the translated spans. */
export class ShapeSampler {
  readonly #windows: readonly Window[];
  #current = 0;
  #samplesLeft: number;
  #untilSample = 1;
  #random = 1;
  readonly #counts = new Map<string, number>();
  /** Samples of the window, without failures that did not recur. */
  #counted = 0;

  constructor(windows: readonly Window[]) {
    this.#windows = windows;
    this.#samplesLeft = this.#window.samples;
  }

  get #window(): Window {
    return this.#windows[this.#current] as Window;
  }

  /** Counts a translated span. Returns a review at the end of a window. */
  observe(span: TranslatableSpan): Review | undefined {
    this.#untilSample -= 1;
    return this.#untilSample === 0 ? this.#sample(span) : undefined;
  }

  #sample(span: TranslatableSpan): Review | undefined {
    this.#untilSample = this.#nextInterval();
    this.#samplesLeft -= 1;
    const shape = shapeOf(span);
    const before = this.#counts.get(shape);
    // Most failures have a unique message. Only those that occur again are likely to recur.
    const count = before === undefined && hasFailed(span) ? 0 : (before ?? 0) + 1;
    if (shape.length <= MAX_LENGTH) this.#counts.set(shape, count);
    if (count > 0) this.#counted += 1;
    return this.#samplesLeft === 0 ? this.#review() : undefined;
  }

  #review(): Review {
    const review = {
      templates: this.#window.templates,
      interval: this.#window.interval,
      shapes: [...this.#counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a),
      samples: this.#counted,
    };
    this.#counts.clear();
    this.#counted = 0;
    this.#current = Math.min(this.#current + 1, this.#windows.length - 1);
    this.#samplesLeft = this.#window.samples;
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
