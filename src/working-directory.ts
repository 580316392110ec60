/** Returns the working directory, or `undefined` if it was deleted or must not be read. */
export function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
