import { headers } from 'next/headers';

export async function generateMetadata() {
  await headers();
  return { title: 'Titled' };
}

export default async function Titled() {
  await headers();
  return <p>titled</p>;
}
