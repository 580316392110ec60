'use server';

import { redirect } from 'next/navigation';
import { stockOf } from '../../stock';

export async function emptyBasket(id) {
  if (id === 'gone') redirect('/');
  if (id === 'none') throw new RangeError('no such basket');
  return await stockOf(id);
}
