import { emptyBasket } from './actions';

export const dynamic = 'force-dynamic';

export default function Basket() {
  return <form action={emptyBasket.bind(null, '3')} />;
}
