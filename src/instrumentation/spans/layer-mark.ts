/** Attribute of a span that is not the call of a database itself (docs/spec/translation.md B-52). */
export const LAYER = 'aws.xray.layer';
