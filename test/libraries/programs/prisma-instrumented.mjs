import { PrismaInstrumentation } from '@prisma/instrumentation';

new PrismaInstrumentation().enable();
const { packages, default: program } = await import('./prisma.mjs');

export { packages };
export default program;
