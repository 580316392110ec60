/** What an edited build calls. */
const HERE = 'globalThis[Symbol.for("otel-xray.server-build")]';

type Edit = readonly [find: RegExp, replace: string];

/**
 * The edits of the servers that frameworks build, by the name of the instrumentation: one for each purpose.
 * Each changes an expression only, so that lines stay.
 */
export const EDITS: Readonly<Record<string, readonly Edit[]>> = {
  // Nitro 2, which Nuxt 4 uses, with h3 1; Nitro 3 with h3 2.
  nitro: [
    [/\b(\w+)(\.context\.matchedRoute\s*=\s*)(\w+)\.matched\b/g, `$1$2${HERE}.matched($1, $3)`],
    [/(\.context\.matchedRoute\s*=\s*)(\w+\.data)\b/g, `$1${HERE}.withRoute($2)`],
    [
      /(\bonError:\s*\((\w+),\s*(\w+)\)\s*=>\s*\{)(?=\s*\w+\(\2,\s*\{\s*event(?::\s*\3)?\b)/g,
      `$1${HERE}.handlerError($2);`,
    ],
    [/(\bcreateH3App\(\{\s*onError\((\w+),\s*\w+\)\s*\{)/g, `$1${HERE}.handlerError($2);`],
  ],
  'solid-start': [
    [
      /(\.matches\s*=\s*)(\w+(?:\.\w+)*\.matches\(\))(?=\.map\(\(\{\s*route\b[^{}]*\bparams\b[^{}]*\}\))/g,
      `$1${HERE}.pageMatches($2)`,
    ],
    [
      /(\bhandler,\s*params:\s*)(match\.params)(?=,\s*isPage\b)/g,
      `$1(${HERE}.route(route.path), $2)`,
    ],
    // Errors of pages, in the boundary of the app or that around it, of server functions, and of API routes.
    [/(\bfallback: \((\w+)\) => \{\s*)(?=console\.error\(\2\))/g, `$1${HERE}.error($2);`],
    [/(\bcatchError\([^{}]*\((\w+)\) => \{\s*)(?=console\.error\(\2\))/g, `$1${HERE}.error($2);`],
    [
      /(\bawait (?:\(0,\s*\w+\.)?applyServerFunctionErrorHandler\)?\()(\w+)(?=\))/g,
      `$1${HERE}.error($2)`,
    ],
    [
      /(\bif \()(\w+)(?=\.unhandled && !\w+\.silent\) console\.error\(\2\))/g,
      `$1(${HERE}.handlerError($2), $2)`,
    ],
  ],
  sveltekit: [
    [/(\.route\s*=\s*\{\s*id:\s*)(\w+\.id)(\s*\})/g, `$1${HERE}.route($2)$3`],
    [/(function handle_error_and_jsonify\((?:\w+,\s*)*(\w+)\)\s*\{)/g, `$1${HERE}.error($2);`],
  ],
  astro: [
    [
      /\bswitch\s*\((\w+(?:\.\w+)*)\.type\)(?=\s*\{\s*case\s*["']endpoint["'])/g,
      `switch (${HERE}.withRoute($1).type)`,
    ],
    [/\b([\w.]+\.error\(null,\s*)(\w+)(\.stack\s*\|\|\s*\2\.message\b)/g, `$1${HERE}.error($2)$3`],
    // A component that fails after the response has started, in the built server and in development.
    [/(catch\s*\((\w+)\)\s*\{\s*)(\w+\.write\("Internal server error")/g, `$1${HERE}.error($2);$3`],
    [
      /((?<!function\s+)\brecordServerError\)?\(\w+,\s*\w+,\s*[\w.]+,\s*)(\w+)(?=\))/g,
      `$1${HERE}.error($2)`,
    ],
    // An action, which no page handles, and whose error Astro drops.
    [
      /(\.routePattern\s*===\s*((?:\w+\.)?ACTION_RPC_ROUTE_PATTERN|"\/_actions\/\[\.{3}path\]"))(?=\s*\))/g,
      `$1 && ${HERE}.route($2)`,
    ],
    [
      /\b(\w+)(\s+instanceof\s+Error\s*\?\s*\1\.message\s*:\s*"[\w ]+\.?",\s*code:\s*"INTERNAL_SERVER_ERROR")/g,
      `${HERE}.error($1)$2`,
    ],
  ],
  angular: [
    [
      /\b(this\.router\.match\(\w+\))(?=;\s*if\s*\(!\w+\)\s*\{?\s*return null\b)/g,
      `${HERE}.angularRoute($1)`,
    ],
  ],
  // The source of the package itself, which is not a part of the build.
  vike: [
    [/(\bobjectAssign\(\w+,\s*)(pageContextFromRoute)(?=\);)/g, `$1${HERE}.vikeRoute($2)`],
    [/(\blogRuntimeError\()(\w+)(?=,)/g, `$1${HERE}.error($2)`],
  ],
  waku: [
    [
      /(\bconst pathConfigItem\s*=\s*)(await getPathConfigItem\([\w.]+\))/g,
      `$1${HERE}.wakuRoute($2)`,
    ],
    // Errors of Server Components, of Client Components, and of API routes and server actions.
    [/(\bconsole\.error\("Error during rendering:",\s*)(\w+)(?=\))/g, `$1${HERE}.error($2)`],
    [/(\bconsole\.error\("\[SSR Error\]",[^;]*?,\s*)(\w+)(?=\);)/g, `$1${HERE}.error($2)`],
    [
      /(\bcatch \((\w+)\) \{\s*const info = getErrorInfo\(\2\);)(?=\s*const status\b)/g,
      `$1${HERE}.error($2);`,
    ],
  ],
  'qwik-city': [
    [
      /(\bcacheModules(?::\s*[\w$]+)?\s*\}\s*=\s*[\w$]+[,;]\s*(?:const\s+)?[\w$]+\s*=\s*)(await [\w$]+\([^()]*\))/g,
      `$1${HERE}.qwikRoute($2)`,
    ],
    [
      /(=\s*await [\w$]+\.completion[,;]\s*if\s*\(([\w$]+)\)\s*\{?\s*throw\s+)\2(?=[;}\s])/g,
      `$1${HERE}.error($2)`,
    ],
  ],
  'tanstack-start': [
    [
      /(\bconst isExactMatch\s*=\s*)(foundRoute && \w+\["\*\*"\]\s*===\s*(?:void 0|undefined))/g,
      `$1${HERE}.exactMatch(foundRoute, $2)`,
    ],
    [
      /(\bconst action\s*=\s*await (?:\(0,\s*\w+\.)?getServerFnById(?:\$\d+)?\)?\(serverFnId\b[^()]*\));/g,
      `$1;${HERE}.calledFunction(action);`,
    ],
    [
      /\b(executeMiddleware(?:\$\d+)?\(\s*resolvedMiddleware,\s*"server",\s*\w+\s*\))/g,
      `${HERE}.serverFunction(extractedFn, () => $1)`,
    ],
    [
      /(\(\) => |\bloaderResult = )((?:loader|route\.options\.loader\?\.)\(\s*getLoaderContext\([^()]*\)\s*\))/g,
      `$1${HERE}.loader(route, () => $2)`,
    ],
    // Errors of loaders and `beforeLoad`, of components, and of server routes and middleware.
    [/(?<=[{;]\s*)(route\.options\.onError\?\.\(([\w.[\]]+)\))/g, `${HERE}.error($2), $1`],
    [/(\bconsole\.error\((["`])Error in [\w${}]+:\2,\s*)(\w+)(?=,)/g, `$1${HERE}.error($3)`],
    [/(\bfunction resolveErrorStatus(?:\$\d+)?\((\w+)[^()]*\)\s*\{)/g, `$1${HERE}.error($2);`],
  ],
};

/** Vite runs the server of an app that it develops from text, so that Node.js loads no file. */
export const VITE: Edit = [
  /(\brunInlinedModule\(\w+,\s*(\w+)(?:,\s*\w+)?\)\s*\{)/g,
  `$1$2 = ${HERE}.source($2);`,
];
