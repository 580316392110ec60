// Prints its stack up to the function that loads it, without what depends on `--import`.
const lines = new Error('on purpose').stack.split('\n');
const last = lines.findLastIndex((line) => line.includes('._load (node:'));
console.log(lines.slice(0, last + 2).join('\n'));
