const load = require;

async function main() {
  const { runSteps } = await import('./steps.mjs');
  const { packages, default: program } = await import(`./${process.argv[2]}.mjs`);
  const libraries = packages.map((name) => {
    const exported = load(name);
    return { default: exported, ...exported };
  });
  await program(libraries, runSteps);
}
main();
