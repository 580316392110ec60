process.argv.push(
  '--require',
  'cucumber-steps.cjs',
  '--format',
  'summary:/dev/null',
  'orders.feature',
);
await import('./node_modules/@cucumber/cucumber/bin/cucumber.js');
