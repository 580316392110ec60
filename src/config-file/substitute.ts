const ESCAPE = '$$';
const REFERENCE = /\$\{([^}]*)\}/g;
const NAME_AND_DEFAULT = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^\n]*))?$/;

/**
 * Replaces `${NAME}`, `${env:NAME}` and `${NAME:-default}` by what the environment says; `$$` is one
 * `$`. What was put in is not looked at again. A variable that is empty counts as unset, one that
 * is unset and has no default is empty text.
 *
 * @throws {TypeError} on a reference of another form; the message quotes it
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
    if (name === undefined) throw new TypeError(`${reference} is no reference to a variable`);
    return env[name] || fallback;
  }
}
