import { Suspense } from 'react';
import { Await } from 'react-router';
export function loader() {
  const { promise, reject } = Promise.withResolvers();
  promise.catch(() => {});
  setTimeout(() => reject(new RangeError('no stock')), 10);
  return { stock: promise };
}
export default function Late({ loaderData }) {
  return (
    <Suspense fallback={<p>wait</p>}>
      <Await resolve={loaderData.stock}>{(stock) => <p>{stock}</p>}</Await>
    </Suspense>
  );
}
