/** The command line's process: runs the program that lies beside it, compiled as far as an earlier run has left it. */
import { join } from 'node:path';
import { dataDirectory } from '../worktree/opened';
import { runCompiled } from './compiled';

runCompiled(join(__dirname, 'cli-main.js'), join(dataDirectory(), 'cache'), process.argv[2] === 'scan' ? 'scan' : 'other');
