/**
 * Returns the id of a route with its parameters as `:id`, because X-Ray allows neither `$` nor `{` in names: `$id` of
 * files in React Router, Remix and TanStack Router, `{-$id}` if optional, and `$`, which matches the rest of the path.
 */
export function routeIdName(id: string): string {
  return id.replaceAll(
    /\{-?\$(\w*)\}|\$(\w*)/g,
    (_, inBraces?: string, bare?: string) => `:${inBraces || bare || 'splat'}`,
  );
}
