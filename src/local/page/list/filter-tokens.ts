/** A token of a filter expression that may be incomplete. */
export interface Piece {
  readonly kind: 'word' | 'annotation' | 'string' | 'open-string' | 'number' | 'operator' | 'sign';
  readonly text: string;
  readonly start: number;
}

const PIECES: readonly (readonly [kind: Piece['kind'], form: RegExp])[] = [
  ['annotation', /(?:(?:source|destination)\.)?annotation(?:\.[\w]*|\[\s*[\w.]*\s*\]?)/iy],
  ['word', /[a-z_][\w]*(?:\.[\w]*)*/iy],
  ['string', /"(?:\\["\\]|[^"])*"/y],
  ['open-string', /"[\s\S]*/y],
  ['number', /-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy],
  ['operator', /<=|>=|!=|[<>=]/y],
  ['sign', /[^\s]/y],
];

/** Splits any text into tokens of a filter expression. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] as string)) {
      at += 1;
      continue;
    }
    for (const [kind, form] of PIECES) {
      form.lastIndex = at;
      const found = form.exec(text);
      if (found === null) continue;
      pieces.push({ kind, text: found[0], start: at });
      at += found[0].length;
      break;
    }
  }
  return pieces;
}
