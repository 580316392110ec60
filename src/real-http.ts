import type { Agent, request } from 'node:http';

interface HttpFunctions {
  readonly Agent: typeof Agent;
  readonly request: typeof request;
}

const kept = new Map<string, HttpFunctions>();

/**
 * Returns functions of `http` or `https` as they were before the app used the module. Tests of an app
 * replace them by mocks (nock, msw, sinon), which would count, report, answer or record requests of
 * ours.
 *
 * The first call loads the module. Call it before the app's code can have the module.
 */
export function realHttp(name: 'http' | 'https'): HttpFunctions {
  let functions = kept.get(name);
  if (functions === undefined) {
    const { Agent, request } = process.getBuiltinModule(`node:${name}`) as HttpFunctions;
    functions = { Agent, request };
    kept.set(name, functions);
  }
  return functions;
}
