export const loader = ({ params }) => Response.json({ id: params.id, stock: 3 });
