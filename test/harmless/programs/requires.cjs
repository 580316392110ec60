// The start of the app fails in a file that it requires.
require('./required/fails.cjs');
