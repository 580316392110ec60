// As esbuild writes a bundle: getters that cannot be redefined.
const { answer } = require('./cases.cjs');
Object.defineProperty(exports, 'handler', { get: () => answer, enumerable: true });
Object.defineProperty(exports, '__esModule', { value: true });
