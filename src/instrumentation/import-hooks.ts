/**
 * Stands in for `import-in-the-middle` where an instrumentation asks for it: packages that load
 * through `Module.prototype.load` are seen there for `require` and `import` alike, so nothing is
 * to be hooked a second time.
 *
 * @see docs/spec/packaging.md section 3.1
 */
export class Hook {
  unhook(): void {}
}

export default Hook;
