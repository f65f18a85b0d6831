/** The commands, in the order in which help shows them: the one place where a command is added. */
import type { CliCommand } from '../command';
import { demo } from './demo';
import { explore } from './explore';
import { open } from './open';
import { program } from './program';
import { reply } from './reply';
import { run } from './run';
import { scan } from './scan';
import { series } from './series';
import { simulate } from './simulate';
import { sweep } from './sweep';
import { states } from './states';

export const COMMANDS: readonly CliCommand[] = [open, series, scan, simulate, explore, states, program, reply, run, sweep, demo];
