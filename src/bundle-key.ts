/**
 * Name of the global symbol under which modules in a bundle pass their exports to otel-xray. It is
 * part of bundles that users build once and keep.
 */
export const BUNDLE_KEY = 'otel-xray.bundle';
