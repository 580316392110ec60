import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const server = new McpServer({ name: 'weather-server', version: '1.0.0' });
const inputSchema = z.object({ city: z.string() });
server.registerTool('weather', { inputSchema }, async ({ city }) => {
  if (city === 'secret nowhere') throw new RangeError('no such secret city');
  return { content: [{ type: 'text', text: `sunny in ${city}` }] };
});
await server.connect(new StdioServerTransport());
