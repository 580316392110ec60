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
  return message
    .replace(PARAMETER, `$1${REDACTED}`)
    .replace(PROPERTY, `$1${REDACTED}`)
    .replace(BEARER, `$1${REDACTED}`);
}
