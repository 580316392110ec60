/** Invisible characters, and characters that change the order of the text around them. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters on purpose
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Returns a text with its invisible characters escaped, e.g. `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

/** Truncates a text to `length` characters; a cut text ends with `…`. */
export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Returns a text as one line for a list: all characters visible, the end cut. */
export function lineText(text: string, length = 300): string {
  return cut(visible(text).replace(/\s+/g, ' '), length);
}
