import { stockOf } from '../../../../stock';

export const runtime = 'edge';

export default async function Order({ params }) {
  const { id } = await params;
  return <p>stock: {await stockOf(id)}</p>;
}
