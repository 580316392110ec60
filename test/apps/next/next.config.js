module.exports = {
  output: 'standalone',
  outputFileTracingIncludes: { '/*': ['node_modules/otel-xray/**'] },
  serverExternalPackages: ['otel-xray'],
};
