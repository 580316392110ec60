import type { TranslatableSpan } from '../span.ts';
import type { AttributeReader } from './attributes.ts';
import type { Parent } from './document-kind.ts';
import type { Envelope } from './envelope.ts';
import type { Settings } from './options.ts';
import type { ResourceParts } from './resource.ts';
import type { SpanTraits } from './span-traits.ts';

/** Everything that the blocks of one document are built from. */
export interface TranslationContext {
  readonly span: TranslatableSpan;
  readonly reader: AttributeReader;
  readonly traits: SpanTraits;
  readonly envelope: Envelope;
  readonly parent: Parent;
  readonly resource: ResourceParts;
  readonly settings: Settings;
}
