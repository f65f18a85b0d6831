/** Runs suites with mocha and tells how they went by lines that the driver reads. */
import Mocha from 'mocha';

/** One test may open a series of dozens of patches. */
const TEST_MS = 180_000;

/** Rejects where a test failed. */
export async function runSuites(suites: readonly (() => void)[]): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: TEST_MS, reporter: LineReporter });
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  for (const define of suites) define();
  // For one who works on a few of them.
  const wanted = process.env['FOLIOSCOPE_GREP'] ?? '';
  if (wanted !== '') mocha.grep(wanted);
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  // The lines travel to the driver on their own way; give the last ones a moment.
  await new Promise((resolve) => setTimeout(resolve, 500));
  if (failures > 0) throw new Error(`${failures} tests failed inside VS Code`);
}

/** A line a test, and the counts at the end. */
class LineReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const counts = { passed: 0, failed: 0, skipped: 0 };
    runner.on('pass', (test) => {
      counts.passed += 1;
      console.log(`ok   ${test.fullTitle()} (${test.duration ?? 0} ms)`);
    });
    runner.on('pending', (test) => {
      counts.skipped += 1;
      console.log(`skip ${test.fullTitle()}`);
    });
    runner.on('fail', (test, error: Error) => {
      counts.failed += 1;
      console.log(`FAIL ${test.fullTitle()}\n${error.stack ?? error.message}`);
    });
    runner.on('end', () => console.log(`folioscope-counts ${counts.passed} ${counts.failed} ${counts.skipped}`));
  }
}
