import { parse, parseDocument, visit } from 'yaml';
import { substitute } from './substitute.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The part of the file that some messages end with; it may contain a secret. */
const QUOTED_SOURCE = /: ["|>].*$/s;

/**
 * Parses YAML 1.2 or JSON, and replaces references to environment variables in values.
 *
 * @throws {TypeError} if the text is invalid; the message is one line with the line number
 */
export function readYaml(text: string, env: Environment): unknown {
  const document = parseDocument(text, { version: '1.2', prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    throw new TypeError(`line ${line}: ${error.message.replace(QUOTED_SOURCE, '')}`);
  }
  visit(document, {
    Scalar(key, node) {
      // References in keys are not replaced.
      if (key === 'key' || typeof node.value !== 'string') return;
      const value = substitute(node.value, env);
      if (value === node.value) return;
      node.value = node.type === 'PLAIN' ? typed(value) : value;
    },
  });
  return document.toJS();
}

/** Parses an unquoted value after substitution as a YAML number, boolean, null or string. */
function typed(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    const value: unknown = parse(text, { version: '1.2' });
    return typeof value === 'object' || typeof value === 'string' ? text : value;
  } catch {
    return text;
  }
}
