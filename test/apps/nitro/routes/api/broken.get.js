import { defineHandler } from 'h3';
export default defineHandler(() => {
  throw new TypeError('no basket');
});
