export default defineEventHandler(() => {
  throw new TypeError('no basket');
});
