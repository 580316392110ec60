export function loader() {
  throw new RangeError('no such page');
}
export default function Broken() {
  return <p>x</p>;
}
