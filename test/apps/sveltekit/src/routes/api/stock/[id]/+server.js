import { json } from '@sveltejs/kit';
export const GET = ({ params }) => json({ id: params.id, stock: 3 });
