import { runSteps } from './steps.mjs';

const { packages, default: program } = await import(`./${process.argv[2]}.mjs`);
const libraries = [];
for (const name of packages) libraries.push(await import(name));
await program(libraries, runSteps);
