export const GET = () => {
  throw new TypeError('no basket');
};
