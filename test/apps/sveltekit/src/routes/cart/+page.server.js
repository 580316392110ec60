export const actions = {
  default: async ({ request }) => {
    const form = await request.formData();
    const response = await fetch(
      `http://127.0.0.1:${process.env.PORT}/api/stock/${form.get('id')}`,
    );
    return { stock: (await response.json()).stock };
  },
};
