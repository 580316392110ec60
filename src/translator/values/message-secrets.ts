import { REDACTED } from './url.ts';

const PASSWORD =
  'passw(?:or)?d|passphrase|pwd|secret|(?:account|access|private|api|secret)[_-]?key';

/** `Password=a;`, `pwd = 'a b'`, `client_secret={a}`. */
const PARAMETER = new RegExp(
  `((?:${PASSWORD}) ?= ?)(?:"[^"]*"|'[^']*'|\\{[^}]*\\}|[^\\s;,&)"']+)`,
  'gi',
);

/** `"password":"a"` and `"Authorization": "a"`, also within a string of JSON. */
const PROPERTY = new RegExp(
  `((?:${PASSWORD}|token|authorization|cookie)(\\\\?")\\s?:\\s?\\2)(?:(?!\\2).)+`,
  'gi',
);

/** Shorter words may be text, as in `Bearer authentication`. */
const BEARER = /(\bBearer )[\w.~+/=-]{20,}/g;

/**
 * Returns a message without the values of parameters and JSON properties whose names say that they
 * are secret, and without bearer tokens. URLs are redacted elsewhere.
 */
export function withoutNamedSecrets(message: string): string {
  let text = message;
  // V8 compiles a pattern when it is first used, which the first response of a Lambda function waits for.
  if (text.includes('=')) text = text.replace(PARAMETER, `$1${REDACTED}`);
  if (text.includes('"')) text = text.replace(PROPERTY, `$1${REDACTED}`);
  return text.includes('Bearer ') ? text.replace(BEARER, `$1${REDACTED}`) : text;
}
