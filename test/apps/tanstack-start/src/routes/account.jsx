import { createFileRoute, redirect } from '@tanstack/react-router';

export const Route = createFileRoute('/account')({
  beforeLoad: ({ search }) => {
    if (search.broken) throw new TypeError('no session');
    throw redirect({ to: '/' });
  },
  component: () => <p>account</p>,
});
