import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Prints the line `N passed, N failed` at the end of the run, which `.ci/run` adds up. Above it, it names the tests
 * that passed only when they were repeated, with the error of the first time: each is a race, in the test or in the
 * package.
 */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    const repeated: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        count[test.result().state] += 1;
        if (test.diagnostic()?.flaky) repeated.push(repetitionOf(module, test));
      }
      // A file that fails to load has no tests but counts as failed.
      if (module.errors().length > 0) count.failed += 1;
    }
    const skipped = count.skipped + count.pending;
    const line = `${count.passed} passed, ${count.failed} failed`;
    // After the summary of the default reporter, which is written in the same tick.
    process.once('exit', () => {
      for (const text of repeated) process.stdout.write(text);
      process.stdout.write(`\n${line}${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    });
  }
}

/** Returns the name of a test that passed only when it was repeated, and why it failed before. */
function repetitionOf(module: TestModule, test: TestCase): string {
  const name = `${module.relativeModuleId} > ${test.fullName}`;
  const errors = test.result().errors ?? [];
  const reasons = errors.map(({ message, stack, diff }) =>
    [message, diff, stack].filter((part) => part !== undefined).join('\n'),
  );
  return `\nfailed once, passed when repeated: ${name}\n${reasons.join('\n')}\n`;
}
