import { stockOf } from '../../../../stock';

export const runtime = 'edge';

export default async function Order({ params }) {
  const { id } = await params;
  if (id === 'broken') throw new RangeError('no such order');
  return <p>stock: {await stockOf(id)}</p>;
}
