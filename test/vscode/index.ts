/** Entry of the suite that runs inside VS Code's extension host, for the desktop and for the server build alike. */
import { assumptionPictures } from './assumption-pictures';
import { assumptions } from './assumptions';
import { besideClangd } from './beside-clangd';
import { demoReview } from './demo-review';
import { exploringDemo } from './exploring-demo';
import { gmemEditor } from './gmem-editor';
import { realSeries } from './real-series';
import { runSuites } from './run-suites';
import { scenarioPage } from './scenario-page';
import { startup } from './startup';

export const run = (): Promise<void> =>
  runSuites(
    SUITES[process.env['FOLIOSCOPE_SUITE'] ?? ''] ?? [
      startup,
      demoReview,
      assumptions,
      exploringDemo,
      gmemEditor,
      scenarioPage,
      realSeries,
    ],
  );

/** Parts that can be run on their own. */
const SUITES: Readonly<Record<string, readonly (() => void)[]>> = {
  assumptions: [assumptions],
  clangd: [besideClangd],
  demo: [demoReview],
  exploring: [exploringDemo],
  gmem: [gmemEditor],
  pictures: [assumptionPictures],
  scenarios: [scenarioPage],
  real: [realSeries],
};
