import { type Check, fail, info, ok } from '../finding.ts';

/**
 * Checks whether all copies of `@opentelemetry/api` can use the provider that otel-xray registers.
 *
 * A copy can use a global only if it was registered by a copy of the same or a later minor version.
 * The spans of a library that depends on a later copy are lost without an error.
 *
 * @see docs/spec/packaging.md section 2.3
 */
export const apiCopies: Check = {
  name: 'api copies',
  find: ({ install }) => {
    const { apis, ownApi } = install;
    if (ownApi === undefined) return info('@opentelemetry/api cannot be resolved from here');
    const incompatible = apis.filter(({ version }) => !isCompatible(version, ownApi));
    if (incompatible.length > 0) {
      return fail(
        'api-copies',
        `${incompatible.map(({ path, version }) => `${path} is ${version}`).join(', ')}, incompatible with version ${ownApi} that otel-xray uses: spans of libraries that use it are lost`,
        `Keep one copy of @opentelemetry/api (npm ls @opentelemetry/api; npm dedupe; or "overrides": {"@opentelemetry/api": "${newest(incompatible.map(({ version }) => version))}"}).`,
      );
    }
    const versions = [...new Set(apis.map(({ version }) => version))].join(', ');
    return ok(
      apis.length <= 1
        ? `@opentelemetry/api ${ownApi}`
        : `${apis.length} compatible copies: ${versions}`,
    );
  },
};

/** Returns whether a copy of the API can use the globals that a copy of version `registered` sets. */
function isCompatible(version: string, registered: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [ownMajor = 0, ownMinor = 0] = registered.split('.').map(Number);
  return major === ownMajor && minor <= ownMinor;
}

function newest(versions: readonly string[]): string {
  return [...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? '';
}
