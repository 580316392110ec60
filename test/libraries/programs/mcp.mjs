const SDK = '@modelcontextprotocol/sdk';

export const packages = [
  `${SDK}/client/index.js`,
  `${SDK}/client/stdio.js`,
  `${SDK}/client/streamableHttp.js`,
  `${SDK}/server/mcp.js`,
  `${SDK}/server/streamableHttp.js`,
];

export default async (libraries, runSteps) => {
  const [{ Client }, { StdioClientTransport }, { StreamableHTTPClientTransport }, ...servers] =
    libraries;
  const [{ McpServer }, { StreamableHTTPServerTransport }] = servers;
  const { createServer } = await import('node:http');
  const { z } = await import('zod');

  const client = new Client({ name: 'app', version: '1.0.0' });
  const { execArgv } = process;
  const args = [...execArgv, 'mcp-server.mjs'];
  const env = { ...process.env, OTEL_SERVICE_NAME: 'weather' };
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
  const call = (name, city) => client.callTool({ name, arguments: { city } });
  await runSteps({
    'lists tools': async () => (await client.listTools()).tools.map(({ name }) => name),
    'calls a tool': async () => (await call('weather', 'secret town')).content[0].text.length,
    'calls a tool that fails': async () => (await call('weather', 'secret nowhere')).isError,
    'calls no tool': () => call('unknown', 'secret town').then(({ isError }) => isError),
    pings: () => client.ping(),
  });
  await client.close();

  const http = createServer(async (request, response) => {
    // No stream for messages of the server.
    if (request.method === 'GET') return void response.writeHead(405).end();
    const server = new McpServer({ name: 'http-weather', version: '1.0.0' });
    server.registerTool('weather', { inputSchema: { city: z.string() } }, async ({ city }) => ({
      content: [{ type: 'text', text: `sunny in ${city}` }],
    }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    await server.connect(transport);
    await transport.handleRequest(request, response);
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${http.address().port}/mcp`);
  const web = new Client({ name: 'app', version: '1.0.0' });
  await web.connect(new StreamableHTTPClientTransport(url));
  await runSteps({
    'calls a tool by HTTP': async () => {
      const { content } = await web.callTool({ name: 'weather', arguments: { city: 'secret' } });
      return content.length;
    },
  });
  await web.close();
  http.closeAllConnections();
  http.close();
};
