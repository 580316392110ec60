import { createRequire } from 'node:module';
import type { Plugin } from 'rolldown';

const require = createRequire(import.meta.url);

const PACKAGE = /@opentelemetry\/semantic-conventions(?:\/incubating)?/;
const NAMESPACE =
  /(?:const|var|let) (\w+) = require\(["'](@opentelemetry\/semantic-conventions(?:\/incubating)?)["']\);?/g;
const DESTRUCTURED =
  /(?:const|var|let) \{([^}]*)\} = require\(["'](@opentelemetry\/semantic-conventions(?:\/incubating)?)["']\);?/g;

/**
 * Inlines the constants of the semantic conventions.
 *
 * CommonJS instrumentations require the whole package, 400 kB that cannot be tree-shaken: 6 ms of CPU
 * time of each start, and 200 kB of the package.
 *
 * @see docs/spec/packaging.md section 2
 */
export function inlineSemanticConventions(): Plugin {
  return {
    name: 'inline-semantic-conventions',
    transform(code, id) {
      if (!PACKAGE.test(code) || !code.includes('require(')) return null;
      let result = code.replace(DESTRUCTURED, (_, names: string, from: string) => {
        const lines = names
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean);
        return lines.map((name) => `const ${name} = ${literal(from, name, id)};`).join('\n');
      });
      for (const [declaration, variable, from] of result.matchAll(NAMESPACE)) {
        const use = new RegExp(`\\b${variable}\\.(\\w+)`, 'g');
        result = result
          .replace(declaration, '')
          .replace(use, (_, name: string) => literal(from as string, name, id));
      }
      if (PACKAGE.test(result.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, ''))) {
        throw new Error(`${id} uses the semantic conventions in an unsupported way`);
      }
      return { code: result, map: null };
    },
  };
}

function literal(from: string, name: string, id: string): string {
  const value: unknown = require(from)[name];
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new Error(`${id}: ${from} has no constant ${name}`);
  }
  return JSON.stringify(value);
}
