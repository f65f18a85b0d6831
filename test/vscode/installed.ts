/** Entry of the suite that looks at the packaged extension in a clean VS Code. */
import { packaged } from './packaged';
import { runSuites } from './run-suites';

export const run = (): Promise<void> => runSuites([packaged]);
