import { createFileRoute } from '@tanstack/react-router';

export const Route = createFileRoute('/api/stock/$id')({
  server: { handlers: { GET: ({ params }) => Response.json({ stock: Number(params.id) }) } },
});
