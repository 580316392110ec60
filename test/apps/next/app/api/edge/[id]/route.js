export const runtime = 'edge';

export async function GET(_request, { params }) {
  const { id } = await params;
  if (id === 'broken') throw new TypeError('no such id');
  return Response.json({ id });
}
