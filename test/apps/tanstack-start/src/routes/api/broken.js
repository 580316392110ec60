import { createFileRoute } from '@tanstack/react-router';

export const Route = createFileRoute('/api/broken')({
  server: {
    handlers: {
      GET: () => {
        throw new TypeError('no basket');
      },
    },
  },
});
