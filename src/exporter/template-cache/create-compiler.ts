import type { TranslatorOptions } from '../../translator/context/options.ts';
import { TemplateCompiler } from './template-compiler.ts';

/** Creates the compiler of templates, which an app with few spans never needs. */
export function createCompiler(options: TranslatorOptions): TemplateCompiler {
  return new TemplateCompiler(options);
}
