// Has a meter provider of its own, and prints the histograms of one request.
const { createNoopMeter, metrics } = require('@opentelemetry/api');

const recorded = [];
const createHistogram = (name) => ({
  record(seconds, attributes) {
    recorded.push({ name, isDuration: seconds >= 0 && seconds < 60, attributes });
    if (recorded.length < 2) return;
    console.log(JSON.stringify(recorded.sort((one, other) => (one.name < other.name ? -1 : 1))));
  },
});
metrics.setGlobalMeterProvider({
  getMeter: () => Object.assign(createNoopMeter(), { createHistogram }),
});

const { createServer, get } = require('node:http');
const server = createServer((_request, response) => {
  response.statusCode = 503;
  response.end();
}).listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  get({ port, host: '127.0.0.1', agent: false }, (response) => {
    response.resume().on('close', () => server.close());
  });
});
