import { stockOf } from '../../../stock';

export default async function Order({ params }) {
  const { id } = await params;
  return (
    <p>
      order {id}: {await stockOf(id)}
    </p>
  );
}
