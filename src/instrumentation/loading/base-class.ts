import { InstrumentationBase } from '@opentelemetry/instrumentation';

/**
 * The base class of the compiled-in instrumentations. This file is in the chunk of that class, which is
 * therefore initialized, and exported as a value, by its own chunk (`scripts/build/chunks.ts`).
 */
export const BASE_CLASS: typeof InstrumentationBase = InstrumentationBase;
