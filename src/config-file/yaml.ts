import { parse, parseDocument, visit } from 'yaml';
import { substitute } from './substitute.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads YAML 1.2, of which JSON is a part, with references to environment variables in its values.
 *
 * @throws {TypeError} when it cannot be read; the message says where, in one line
 */
export function readYaml(text: string, env: Environment): unknown {
  const document = parseDocument(text, { version: '1.2', prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    throw new TypeError(`line ${line}: ${error.message}`);
  }
  visit(document, {
    Scalar(key, node) {
      // Names of fields are never replaced.
      if (key === 'key' || typeof node.value !== 'string') return;
      const value = substitute(node.value, env);
      if (value === node.value) return;
      node.value = node.type === 'PLAIN' ? typed(value) : value;
    },
  });
  return document.toJS();
}

/** What YAML takes the text for, when that is a number, a boolean or nothing: it is not quoted. */
function typed(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    const value: unknown = parse(text, { version: '1.2' });
    return typeof value === 'object' || typeof value === 'string' ? text : value;
  } catch {
    return text;
  }
}
