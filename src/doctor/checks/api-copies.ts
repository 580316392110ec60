import { type Check, fail, info, ok } from '../finding.ts';

/**
 * Whether all copies of `@opentelemetry/api` can see what we register.
 *
 * A copy reads only what was registered by a copy of its own minor version or a later one; a library
 * that brings a later copy loses its spans without a word.
 *
 * @see docs/spec/packaging.md section 2.3
 */
export const apiCopies: Check = {
  name: 'api copies',
  find: ({ install }) => {
    const { apis, ownApi } = install;
    if (ownApi === undefined) return info('@opentelemetry/api was not found from here');
    const blind = apis.filter(({ version }) => !sees(version, ownApi));
    if (blind.length > 0) {
      return fail(
        'api-copies',
        `${blind.map(({ path, version }) => `${path} is ${version}`).join(', ')}, which does not see what ${ownApi} registers: its spans are lost`,
        `Let there be one copy of @opentelemetry/api (npm ls @opentelemetry/api; npm dedupe; or "overrides": {"@opentelemetry/api": "${newest(blind.map(({ version }) => version))}"}).`,
      );
    }
    const versions = [...new Set(apis.map(({ version }) => version))].join(', ');
    return ok(
      apis.length <= 1
        ? `@opentelemetry/api ${ownApi}`
        : `${apis.length} copies that see each other: ${versions}`,
    );
  },
};

/** Whether a copy of the API reads what a copy of version `registered` registers. */
function sees(version: string, registered: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [ownMajor = 0, ownMinor = 0] = registered.split('.').map(Number);
  return major === ownMajor && minor <= ownMinor;
}

function newest(versions: readonly string[]): string {
  return [...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? '';
}
