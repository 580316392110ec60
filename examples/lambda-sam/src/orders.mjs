const orders = { 7: { id: '7', items: ['kettle', 'cups'] } };

/** Handler of an HTTP API; the trace records the status. */
export const handler = async (event) => {
  const order = orders[event.pathParameters?.id];
  if (order === undefined) return { statusCode: 404, body: 'no such order' };
  return { statusCode: 200, body: JSON.stringify(order) };
};
