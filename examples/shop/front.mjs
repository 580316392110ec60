// Front end of the shop: Express in an ES module. It contains no X-Ray code.
import { trace } from '@opentelemetry/api';
import express from 'express';

const stock = process.env.STOCK_URL ?? 'http://127.0.0.1:8081';
const app = express();

app.get('/products/:id', async (request, response) => {
  trace.getActiveSpan()?.setAttribute('product.id', request.params.id);
  const answer = await fetch(`${stock}/products/${request.params.id}`);
  response.status(answer.status).json(await answer.json());
});

app.get('/report', async (_request, response) => {
  const answer = await fetch(`${stock}/report`);
  response.json(await answer.json());
});

app.get('/order', async (_request, response) => {
  const answer = await fetch(`${stock}/reserve`, { method: 'POST' });
  response.status(answer.status).json(await answer.json());
});

app.get('/checkout', () => {
  throw new TypeError('the basket has no owner');
});

// Express prints the stack trace by default; here only the trace records it.
app.use((error, _request, response, _next) => {
  response.status(500).json({ error: error.message });
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
