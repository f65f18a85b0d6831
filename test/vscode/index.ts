/** Entry of the suite that runs inside VS Code's extension host, for the desktop and for the server build alike. */
import { demoReview } from './demo-review';
import { realSeries } from './real-series';
import { runSuites } from './run-suites';
import { startup } from './startup';

export const run = (): Promise<void> =>
  runSuites(process.env['FOLIOSCOPE_SUITE'] === 'demo' ? [demoReview] : [startup, demoReview, realSeries]);
