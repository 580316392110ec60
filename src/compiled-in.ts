/** Defined by the build. */
declare const __COMPILED_IN__: Readonly<Record<string, string>> | undefined;

/** Name → version of the bundled packages; empty when run from sources. */
export const COMPILED_IN: Readonly<Record<string, string>> =
  typeof __COMPILED_IN__ === 'object' ? __COMPILED_IN__ : {};
