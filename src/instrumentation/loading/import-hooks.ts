/**
 * Replaces `import-in-the-middle` for the instrumentations. Does nothing: `Module.prototype.load`
 * sees packages that are required and packages that are imported, so no second hook is needed.
 *
 * @see docs/spec/packaging.md section 3.1
 */
export class Hook {
  unhook(): void {}
}

export default Hook;
