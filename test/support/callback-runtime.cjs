/**
 * A runtime as Lambda had it up to Node 22, where handlers may call back: the real client of that
 * line needs autotools to build. Loads CommonJS by `require` and ES modules by `import`, and asks for
 * the next invocation out of the callback of the one before, as that client did.
 */
const http = require('node:http');
const { existsSync } = require('node:fs');
const path = require('node:path');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, route, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, method, agent, path: `/2018-06-01/runtime/${route}` },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ headers: response.headers, text }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function load() {
  const [name, ...names] = process.env._HANDLER.split('.');
  const file = path.resolve(process.env.LAMBDA_TASK_ROOT, name);
  const module = existsSync(`${file}.js`) ? require(`${file}.js`) : await import(`${file}.mjs`);
  return names.reduce((value, key) => value[key], module);
}

async function next(handler) {
  const { headers, text } = await call('GET', 'invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  let answered = false;
  const answer = (error, value) => {
    if (answered) return;
    answered = true;
    const route = `invocation/${id}/${error ? 'error' : 'response'}`;
    const body = error ? { errorType: error.name, errorMessage: error.message } : (value ?? null);
    call('POST', route, JSON.stringify(body)).then(() => setImmediate(() => next(handler)));
  };
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done: answer,
    succeed: (value) => answer(null, value),
    fail: (error) => answer(error),
  };
  try {
    const result = handler(JSON.parse(text), context, answer);
    if (typeof result?.then === 'function') result.then((value) => answer(null, value), answer);
  } catch (error) {
    answer(error);
  }
}

load().then(next);
