const { IncomingMessage, ServerResponse } = require('node:http');
const { Writable } = require('node:stream');
const express = require('express');

const app = express();
app.get('/orders/:id', (request, response) => response.json({ id: request.params.id }));
app.get('/fail', async () => {
  throw new RangeError('sold out');
});
app.use((_error, _request, response, _next) => response.status(500).end());

/** As an adapter for Lambda calls an app: without a server, and with a response that never closes. */
exports.handler = ({ rawPath }) =>
  new Promise((resolve) => {
    const socket = new Writable({ write: (_chunk, _encoding, done) => done() });
    const request = Object.assign(new IncomingMessage(socket), { method: 'GET', url: rawPath });
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.once('finish', () => resolve({ statusCode: response.statusCode }));
    app(request, response);
  });
