/** A filter expression that X-Ray refuses. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  /** Zero-based offset of the invalid token; the length of the text when it ends too early. */
  readonly offset: number;
  readonly reason: string;

  /**
   * @param text the whole expression
   * @param end end of the refused token
   * @see docs/spec/xray-api.md section 4.4 for the form of the message
   */
  constructor(text: string, offset: number, end: number, reason: string) {
    super(
      `Error Location: line 1, position ${offset + 1} : Invalid input symbol: '${text.slice(0, end)}' (${reason})`,
    );
    this.offset = offset;
    this.reason = reason;
  }
}
