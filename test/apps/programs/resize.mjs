export default async function resize({ name, port }) {
  await fetch(`http://127.0.0.1:${port}/stock`);
  if (name === 'broken') throw new TypeError('no image');
  return `resized ${name}`;
}

export function rotate({ name }) {
  return `rotated ${name}`;
}
