export const loader = () => {
  throw new TypeError('no basket');
};
