import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { replacing } from './patch-runtime.ts';

const FILE = /@opentelemetry[\\/]instrumentation-http[\\/]build[\\/]src[\\/]http\.js$/;

/**
 * The http instrumentation takes all headers of an outgoing request for an object; of an array, which
 * Node takes as well, it made headers with the names 0, 1, 2.
 *
 * @param root folder of the repository
 */
export function headerArrays(root: string): readonly Plugin[] {
  const helpers = `require(${JSON.stringify(join(root, 'src/instrumentation/request-headers.ts'))})`;
  return [
    replacing(
      FILE,
      'optionsParsed.headers = Object.assign({}, optionsParsed.headers);',
      `optionsParsed.headers = ${helpers}.copyHeaders(optionsParsed.headers);`,
    ),
    replacing(
      FILE,
      'api_1.propagation.inject(requestContext, optionsParsed.headers);',
      `api_1.propagation.inject(requestContext, optionsParsed.headers, ${helpers}.headerSetter);`,
    ),
  ];
}
