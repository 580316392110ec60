const SCOPE = '@modelcontextprotocol';

export const packages = [
  `${SCOPE}/client`,
  `${SCOPE}/client/stdio`,
  `${SCOPE}/server`,
  `${SCOPE}/node`,
];

export default async (libraries, runSteps) => {
  const [{ Client, StreamableHTTPClientTransport }, { StdioClientTransport }, server, node] =
    libraries;
  const { McpServer, createMcpHandler } = server;
  const { createServer } = await import('node:http');
  const { z } = await import('zod');

  const client = new Client({ name: 'app', version: '1.0.0' });
  const { execArgv } = process;
  const args = [...execArgv, 'mcp-2-server.mjs'];
  const env = { ...process.env, OTEL_SERVICE_NAME: 'weather' };
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
  const call = (name, city) => client.callTool({ name, arguments: { city } });
  await runSteps({
    'lists tools': async () => (await client.listTools()).tools.map(({ name }) => name),
    'calls a tool': async () => (await call('weather', 'secret town')).content[0].text.length,
    'calls a tool that fails': async () => (await call('weather', 'secret nowhere')).isError,
    'calls no tool': () => call('unknown', 'secret town').catch(({ code }) => code),
    pings: () => client.ping(),
  });
  await client.close();

  const handle = createMcpHandler(() => {
    const weather = new McpServer({ name: 'http-weather', version: '1.0.0' });
    const inputSchema = z.object({ city: z.string() });
    weather.registerTool('weather', { inputSchema }, async ({ city }) => ({
      content: [{ type: 'text', text: `sunny in ${city}` }],
    }));
    return weather;
  });
  const http = createServer(node.toNodeHandler(handle));
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
