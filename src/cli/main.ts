/** `folioscope COMMAND …`: arguments in, JSON or text out, and an exit code that means one thing. */
import { Command, CommanderError } from 'commander';
import type { Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { type Answer, type CliCommand, type Options, UsageError } from './command';
import { COMMANDS } from './commands/list';
import { jsonText, printable, ProgressLine, refusalForPeople } from './output';
import { VERSION } from './version';

/** Exit codes. */
const EXIT = { done: 0, refused: 1, usage: 2, bug: 3, cancelled: 130 } as const;

function program(chosen: (command: CliCommand, args: readonly string[], options: Options) => void): Command {
  const folioscope = new Command('folioscope')
    .description(
      'Opens a mailed kernel series in a worktree, lists what it assumes of folios and VMAs, and runs its C over a model of memory.',
    )
    .version(VERSION)
    .exitOverride()
    .addHelpText('after', '\nExit code: 0 done, 1 an expected no, 2 usage, 3 a bug of Folioscope, 130 cancelled.');
  for (const one of COMMANDS) {
    const command = folioscope.command(one.name).description(one.summary).exitOverride();
    one.define(command);
    command
      .option('--json', 'print JSON (docs/schemas)')
      .option('--progress', 'tell progress on standard error although it is no terminal')
      .action(() => {
        chosen(one, command.processedArgs as string[], command.opts());
      });
  }
  return folioscope;
}

async function main(argv: readonly string[]): Promise<number> {
  let call: { readonly command: CliCommand; readonly args: readonly string[]; readonly options: Options } | null = null;
  try {
    program((command, args, options) => {
      call = { command, args, options };
    }).parse([...argv]);
  } catch (error) {
    // commander has printed help, version or what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
  return call === null ? EXIT.usage : await answer(call);
}

async function answer(call: {
  readonly command: CliCommand;
  readonly args: readonly string[];
  readonly options: Options;
}): Promise<number> {
  const line = new ProgressLine(process.stderr, process.stderr.isTTY || call.options['progress'] === true);
  const stop = { asked: false };
  const progress: Progress = {
    report: (message, fraction) => {
      line.report(message, fraction);
    },
    get cancelled() {
      return stop.asked;
    },
  };
  // The first Ctrl-C cancels, and what was begun is taken away; further ones wait for that. Work without a pause would never hear of it.
  if (call.command.endsAtOnce !== true) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        stop.asked = true;
      });
    }
  }
  let outcome: Outcome<Answer>;
  try {
    outcome = await call.command.run(call.args, call.options, progress);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    line.clear();
    process.stderr.write(`error: ${printable(error.message)}\n`);
    return EXIT.usage;
  }
  line.clear();
  return said(outcome, call.options['json'] === true);
}

function said(outcome: Outcome<Answer>, json: boolean): number {
  switch (outcome.kind) {
    case 'done':
      process.stdout.write(json ? jsonText(outcome.value.json) : `${printable(outcome.value.text)}\n`);
      return outcome.value.isNo === true ? EXIT.refused : EXIT.done;
    case 'refused':
      if (json) process.stdout.write(jsonText({ refused: outcome.refusal }));
      else process.stderr.write(printable(refusalForPeople(outcome.refusal)));
      return EXIT.refused;
    case 'cancelled':
      if (json) process.stdout.write(jsonText({ cancelled: true }));
      else process.stderr.write('Cancelled; nothing of it is left.\n');
      return EXIT.cancelled;
  }
}

function bug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `folioscope ${VERSION} met a bug of its own (Node ${process.version}, ${process.platform}):\n${printable(text)}\n` +
      'Please report it with the command line and the lines above; the issue tracker is named in the README.\n',
  );
  process.exitCode = EXIT.bug;
}

// `folioscope … | head` closes the pipe: that is no bug.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});
process.on('uncaughtException', (error) => {
  bug(error);
  process.exit(EXIT.bug);
});
main(process.argv).then((code) => {
  process.exitCode = code;
}, bug);
