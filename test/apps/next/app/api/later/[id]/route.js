import { after } from 'next/server';
import { stockOf } from '../../../../stock';

export async function GET(_request, { params }) {
  const { id } = await params;
  if (id === 'promise') after(Promise.reject(new TypeError('no promise')));
  else {
    after(async () => {
      if (id === 'broken') throw new RangeError('no mail');
      await stockOf(id);
    });
  }
  return Response.json({ id });
}
