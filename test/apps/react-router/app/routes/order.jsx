export async function loader({ params }) {
  const response = await fetch(`http://127.0.0.1:${process.env.PORT}/api/stock/${params.id}`);
  return { id: params.id, stock: (await response.json()).stock };
}
export default function Order({ loaderData }) {
  return (
    <p>
      order {loaderData.id}: {loaderData.stock}
    </p>
  );
}
