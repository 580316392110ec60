/**
 * Functions of upstream’s instrumentation of graphql 14 to 16, which also fit graphql 17. Its own
 * types refer to the package graphql, which is not installed.
 */
declare const utils: {
  /** Returns the text of a document, without its values. */
  getSourceFromLocation(loc: object, allowValues: boolean): string;
  getOperation(
    document: unknown,
    operationName?: string,
  ):
    | { readonly operation: string; readonly name?: { readonly value: string } | undefined }
    | undefined;
};
export default utils;
