import { createFileRoute } from '@tanstack/react-router';
import { orderOf } from '../orders.js';

export const Route = createFileRoute('/orders/$id')({
  loader: ({ params }) => orderOf({ data: params.id }),
  component: function Order() {
    const { id, stock } = Route.useLoaderData();
    return (
      <p>
        order {id}: {stock}
      </p>
    );
  },
});
