import { defineHandler } from 'h3';
export default defineHandler(async (event) =>
  (await fetch(new URL('/api/stock/4', event.url))).json(),
);
