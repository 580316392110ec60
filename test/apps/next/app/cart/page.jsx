import { stockOf } from '../../stock';

export const dynamic = 'force-dynamic';

async function add(form) {
  'use server';
  if (form.get('id') === 'none') throw new RangeError('no such id');
  await stockOf(form.get('id'));
}

export default function Cart() {
  return (
    <form action={add}>
      <input name="id" />
    </form>
  );
}
