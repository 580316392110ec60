import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A public name and its declaration. */
export interface Declaration {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'const' | 'type';
  /** Text of the doc comment without asterisks; empty if there is none. */
  readonly comment: string;
  /** The declaration, all overloads. */
  readonly code: string;
}

const KINDS: Readonly<Record<string, Declaration['kind']>> = {
  function: 'function',
  class: 'class',
  const: 'const',
  interface: 'type',
  type: 'type',
};

/**
 * Returns every name that a declaration file exports, including re-exports.
 *
 * Relies on the format that the compiler writes: a declaration starts at the beginning of a line,
 * directly below its comment.
 */
export function publicDeclarations(file: string): readonly Declaration[] {
  const text = readFileSync(file, 'utf8');
  const found = new Map<string, Declaration>();
  for (const declaration of ownDeclarations(text)) found.set(declaration.name, declaration);
  for (const { names, from } of reexports(text)) {
    const other = publicDeclarations(join(dirname(file), from.replace(/\.ts$/, '.d.ts')));
    for (const declaration of other) {
      if (names === undefined || names.includes(declaration.name)) {
        found.set(declaration.name, declaration);
      }
    }
  }
  return [...found.values()];
}

interface Reexport {
  /** `undefined` for `export *`. */
  readonly names: readonly string[] | undefined;
  readonly from: string;
}

function reexports(text: string): readonly Reexport[] {
  const pattern = /^export (?:type )?(?:\*|\{([^}]*)\}) from '(\.[^']+)';/gm;
  return Array.from(text.matchAll(pattern), ([, list, from = '']) => ({
    names: list?.split(',').map((name) => name.replace(/^\s*type /, '').trim()),
    from,
  }));
}

function ownDeclarations(text: string): readonly Declaration[] {
  const pattern =
    /(?:^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?^export (?:declare )?(?:abstract )?(function|class|const|interface|type) (\w+)/gm;
  const found = new Map<string, Declaration>();
  for (const match of text.matchAll(pattern)) {
    const [whole, comment = '', kind = '', name = ''] = match;
    const start = match.index + whole.lastIndexOf('export ');
    const code = text.slice(start, endOf(text, start)).replace(/^export (?:declare )?/, '');
    const earlier = found.get(name);
    found.set(name, {
      name,
      kind: KINDS[kind] ?? 'type',
      comment: earlier?.comment || plainComment(comment),
      code: earlier === undefined ? withoutPrivate(code) : `${earlier.code}\n${code}`,
    });
  }
  return [...found.values()];
}

/** Returns the end of the declaration: its `;` or closing brace at the outermost level. */
function endOf(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 1;
    else if (character === "'") at = text.indexOf("'", at + 1);
    else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) {
      depth -= 1;
      if (depth === 0 && character === '}' && text[at + 1] === '\n') return at + 1;
    } else if (character === ';' && depth === 0) return at + 1;
  }
  return text.length;
}

function withoutPrivate(code: string): string {
  return code.replace(/^ +(?:#private|private [^;]*);\n/gm, '');
}

function plainComment(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}
