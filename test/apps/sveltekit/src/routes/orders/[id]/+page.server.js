export async function load({ params }) {
  const response = await fetch(`http://127.0.0.1:${process.env.PORT}/api/stock/${params.id}`);
  return { id: params.id, stock: (await response.json()).stock };
}
