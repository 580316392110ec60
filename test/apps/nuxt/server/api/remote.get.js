export default defineEventHandler(async () => {
  const response = await fetch(`http://127.0.0.1:${process.env.PORT}/api/stock/4`);
  return await response.json();
});
