import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints the line `N passed, N failed` at the end of the run, which `.ci/run` adds up. Above it, it names the tests
 * that passed only when they were repeated: each is a race, in the test or in the package.
 */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    const repeated: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        count[test.result().state] += 1;
        if (test.diagnostic()?.flaky)
          repeated.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
      // A file that fails to load has no tests but counts as failed.
      if (module.errors().length > 0) count.failed += 1;
    }
    const skipped = count.skipped + count.pending;
    const line = `${count.passed} passed, ${count.failed} failed`;
    // After the summary of the default reporter, which is written in the same tick.
    process.once('exit', () => {
      for (const name of repeated)
        process.stdout.write(`\nfailed once, passed when repeated: ${name}`);
      process.stdout.write(`\n${line}${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    });
  }
}
