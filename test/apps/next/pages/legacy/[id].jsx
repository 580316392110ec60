export async function getServerSideProps({ params }) {
  const response = await fetch(`http://127.0.0.1:${process.env.PORT}/api/hello/${params.id}`);
  return { props: await response.json() };
}

export default function Legacy({ hello }) {
  return <p>{hello}</p>;
}
