import { defineHandler, HTTPError } from 'h3';
export default defineHandler(() => {
  throw new HTTPError({ status: 403, message: 'not yours' });
});
