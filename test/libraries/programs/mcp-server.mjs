import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer({ name: 'weather-server', version: '1.0.0' });
server.registerTool('weather', { inputSchema: { city: z.string() } }, async ({ city }) => {
  if (city === 'secret nowhere') throw new RangeError('no such secret city');
  return { content: [{ type: 'text', text: `sunny in ${city}` }] };
});
await server.connect(new StdioServerTransport());
