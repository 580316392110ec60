import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const server = createServer(async (_request, response) => {
  // An error of the application becomes a fault in the trace.
  try {
    const { name, version } = JSON.parse(await readFile('package.json', 'utf8'));
    response.end(`${name} ${version}\n`);
  } catch (error) {
    response.writeHead(500).end(`${error.message}\n`);
  }
});

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});
