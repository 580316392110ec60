const PACKAGE_MANAGER =
  /[\\/](?:(?:npm|npx)(?:-cli)?|pnpm|pnpx|corepack|yarn(?:pkg)?(?:-\d[\w.-]*)?)(?:\.[cm]?js)?$/;
/** Launchers, compilers, linters and tools of databases, by command or package. */
const TOOLS =
  'concurrently|cross-env|drizzle-kit|eslint|nodemon|npm-run-all2?|prettier|prisma|run-[ps]|tsc|typescript';
const DEVELOPER_TOOL = new RegExp(
  `[\\\\/]node_modules[\\\\/](?:(?:${TOOLS})[\\\\/]|\\.bin[\\\\/](?:${TOOLS})$)`,
);

/**
 * Returns whether the process is a package manager or developer tool, which runs the app only as a
 * child process or not at all. With `NODE_OPTIONS=--import otel-xray/register npm start`, npm itself
 * loads this package too.
 *
 * @param entry `process.argv[1]`
 */
export function isDeveloperTool(entry: string | undefined): boolean {
  return entry !== undefined && (PACKAGE_MANAGER.test(entry) || DEVELOPER_TOOL.test(entry));
}
