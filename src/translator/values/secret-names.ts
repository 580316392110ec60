import { decoded, isAscii, lazyPattern, memoize } from './text.ts';

/**
 * Names of query parameters that hold credentials as a whole, in lower case without separators. Those
 * of the OpenTelemetry semantic conventions are `AWSAccessKeyId`, `Signature`, `sig` and
 * `X-Goog-Signature`.
 */
const NAMES: ReadonlySet<string> = new Set(
  [
    // Signed URLs of AWS, CloudFront, Google Cloud, Azure
    'awsaccesskeyid googleaccessid sig sas hmac xamzcredential xgoogcredential',
    // API keys: `key` of Google, `code` of Azure Functions, `appid` of OpenWeather
    'key code appid authkey subscriptionkey apikey accesskey functionkey',
    // OAuth, OpenID Connect, SAML and CAS
    'auth authorization assertion clientassertion idtokenhint codeverifier samlresponse jwt',
    'pass otp totp sid sessionid phpsessid jsessionid',
  ]
    .join(' ')
    .split(' '),
);

/** Ends of names that hold credentials, such as `oauth_token` and `client-secret`. */
const ENDS =
  /(?:passw(?:or)?d|pwd|passphrase|passcode|secrets?|token|api(?:secret)?key|secretkey|privatekey|accountkey|accesskey|accesskeyid|subscriptionkey|signature|credentials?)\d*$/;

/** Positions in a list, which paging names tokens as well. */
const PAGING =
  /^(?:next|prev|previous|page|nextpage|continuation|nextsync|sync|marker|start)token$/;

const ASCII_SEPARATORS = /[^a-z\d]/g;
const separators = lazyPattern('[^\\p{L}\\p{N}]', 'gu');

/** Longer names are not examined. */
const MAX_LENGTH = 200;

/**
 * Returns whether a query parameter holds a credential.
 *
 * @param name as it stands in the URL; letter case, separators, brackets and percent-encoding do not matter
 * @see docs/security.md
 */
export const isSecretParameter: (name: string) => boolean = memoize((name) => {
  if (name.length > MAX_LENGTH) return false;
  const text = decoded(name).toLowerCase();
  const plain = text.replace(isAscii(text) ? ASCII_SEPARATORS : separators(), '');
  return NAMES.has(plain) || (ENDS.test(plain) && !PAGING.test(plain));
});
