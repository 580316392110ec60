import { join } from 'node:path';
import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';

const NAME = 'foal';
const FILE = join('@foal/core/lib/core/routes/convert-error-to-response.js');

interface Exports {
  readonly convertErrorToResponse?: AnyFunction;
}

/** Gives the handler the error to which Foal responds itself, so that Express does not see it. */
export class FoalInstrumentation {
  readonly #hook: Hook = new Hook([FILE], {}, (exports) => {
    const { convertErrorToResponse: convert } = exports as Exports;
    if (typeof convert !== 'function') return exports;
    const convertErrorToResponse = like(convert, function (this: unknown, ...args): unknown {
      recordRequestError(NAME, args[0]);
      return convert.apply(this, args);
    });
    return withExports(exports as Exports, { convertErrorToResponse });
  });

  disable(): void {
    this.#hook.unhook();
  }
}
