/**
 * The entry for `node --import otel-xray/register app.js`: starts from the environment.
 *
 * Its only side effect; a second load, in whatever form, does nothing.
 */
import { start } from './start.ts';

start();
