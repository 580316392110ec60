import { headers } from 'next/headers';

export default async function Broken() {
  await headers();
  throw new RangeError('no such page');
}
