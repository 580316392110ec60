import { Suspense } from 'react';
import { stockOf } from '../../stock';

export const dynamic = 'force-dynamic';

async function Stock() {
  return <b>{await stockOf(9)}</b>;
}

export default function Streamed() {
  return (
    <Suspense fallback={<i>wait</i>}>
      <Stock />
    </Suspense>
  );
}
