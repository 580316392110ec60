export default defineEventHandler((event) => {
  event.context.seen = true;
});
