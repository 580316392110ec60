import { createFileRoute } from '@tanstack/react-router';

export const Route = createFileRoute('/broken')({
  loader: () => {
    throw new RangeError('no such page');
  },
  component: () => <p>broken</p>,
});
