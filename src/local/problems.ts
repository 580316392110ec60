import type { Refusal } from './daemon/check.ts';
import { asText } from './json.ts';
import type { Via } from './store/store.ts';

/** A message that X-Ray would refuse or ignore, with the reason. */
export interface Problem {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly via: Via;
  /** `refused`: X-Ray would refuse the document. `foreign`: not an X-Ray message. */
  readonly kind: 'refused' | 'foreign';
  /** X-Ray's error code, e.g. `InvalidName`. */
  readonly code?: string | undefined;
  /** X-Ray's message for it. */
  readonly message?: string | undefined;
  readonly reason: string;
  readonly id?: string | undefined;
  readonly traceId?: string | undefined;
  /** The first characters of the message. */
  readonly text: string;
}

const KEPT = 500;
const TEXT_LENGTH = 4_096;

/** The newest problems. */
export class ProblemList {
  readonly #list: Problem[] = [];

  add(problem: Problem): Problem {
    const kept = { ...problem, text: problem.text.slice(0, TEXT_LENGTH) };
    this.#list.push(kept);
    if (this.#list.length > KEPT) this.#list.shift();
    return kept;
  }

  /** Newest first. */
  all(): readonly Problem[] {
    return [...this.#list].reverse();
  }
}

export function refusedProblem(refusal: Refusal, text: string, via: Via, at: number): Problem {
  const { code, message, reason, id, traceId } = refusal;
  return { at, via, kind: 'refused', code, message, reason, id, traceId, text: asText(text) ?? '' };
}
