import { stockOf } from '../../stock';

export const dynamic = 'force-dynamic';

async function add(form) {
  'use server';
  await stockOf(form.get('id'));
}

export default function Cart() {
  return (
    <form action={add}>
      <input name="id" />
    </form>
  );
}
