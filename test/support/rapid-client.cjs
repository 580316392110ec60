/**
 * Stands in for the native HTTP client of `aws-lambda-ric` where that was not compiled: the same
 * three functions over `node:http`. Preloaded by `--require`.
 */
const http = require('node:http');
const Module = require('node:module');

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? ':').split(':');
const agent = new http.Agent({ keepAlive: true });

function call(method, route, body) {
  return new Promise((resolve, reject) => {
    const path = `/2018-06-01/runtime/invocation/${route}`;
    const request = http.request({ host, port, method, path, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ bodyJson: text, headers: response.headers }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The native client answers before it returns; here an answer is out before the next is asked for. */
let answered = Promise.resolve();
const client = {
  next: () => answered.then(() => call('GET', 'next')),
  done(id, body) {
    answered = call('POST', `${id}/response`, body);
  },
  error(id, body) {
    answered = call('POST', `${id}/error`, body);
  },
};

const load = Module._load;
Module._load = function (request, ...others) {
  return request === './rapid-client.node' ? client : load.call(this, request, ...others);
};
