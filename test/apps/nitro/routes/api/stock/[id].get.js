import { defineHandler } from 'h3';
export default defineHandler((event) => ({ id: event.context.params.id, stock: 3 }));
