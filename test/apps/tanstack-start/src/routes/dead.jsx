import { createFileRoute } from '@tanstack/react-router';

export const Route = createFileRoute('/dead')({
  component: () => {
    throw new TypeError('no component');
  },
});
