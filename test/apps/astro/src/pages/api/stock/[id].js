export const GET = ({ params }) => Response.json({ id: params.id, stock: 3 });
