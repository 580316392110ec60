const ESCAPE = '$$';
const REFERENCE = /\$\{([^}]*)\}/g;
const NAME_AND_DEFAULT = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^\n]*))?$/;

/**
 * Replaces `${NAME}`, `${env:NAME}` and `${NAME:-default}` with values of environment variables,
 * and `$$` with `$`. Replacement values are not substituted again. An empty variable is treated as
 * unset. An unset variable without a default is replaced with an empty string.
 *
 * @throws {TypeError} if a reference is invalid; the message quotes it without its default
 * @see https://opentelemetry.io/docs/specs/otel/configuration/data-model/#environment-variable-substitution
 */
export function substitute(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return text
    .split(ESCAPE)
    .map((part) => part.replace(REFERENCE, (reference, body: string) => resolved(reference, body)))
    .join('$');

  function resolved(reference: string, body: string): string {
    const [, name, fallback = ''] = NAME_AND_DEFAULT.exec(body) ?? [];
    if (name === undefined) {
      // The default may be a secret.
      const shown = reference.replace(/:-.*$/s, ':-…}');
      throw new TypeError(`${shown} is not a valid variable reference`);
    }
    return env[name] || fallback;
  }
}
