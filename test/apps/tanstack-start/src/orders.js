import { notFound, redirect } from '@tanstack/react-router';
import { createMiddleware, createServerFn } from '@tanstack/react-start';

const signedIn = createMiddleware({ type: 'function' }).server(({ next }) => next());

export const orderOf = createServerFn({ method: 'GET' })
  .middleware([signedIn])
  .handler(async ({ data }) => {
    if (data === 'gone') throw notFound();
    if (data === 'old') throw redirect({ to: '/' });
    if (data === 'broken') throw new RangeError('no such order');
    const response = await fetch(`http://127.0.0.1:${process.env.PORT}/api/stock/${data}`);
    return { id: data, stock: (await response.json()).stock };
  });
