/** Runs scenarios for the editor, in a thread that ends at once when a run is cancelled. */
import { Worker } from 'node:worker_threads';
import type { CancellationToken, Connection, WorkDoneProgressReporter } from 'vscode-languageserver/node';
import { cancelled, type Outcome } from '../base/outcome';
import { runScenarioParams, scenarioTextParams } from '../protocol/decode';
import { runScenario, scenarioTests } from '../protocol/requests';
import type { FromScenarioThread, RunScenarioParams, ScenarioResult } from '../protocol/scenario-runs';
import type { Border } from './border';
import { testsOf } from './gmem-tests';
import { ownReporter } from './told-progress';

/**
 * @param script path of the bundled thread, `dist/scenario-worker.js`
 * @param showsProgress whether the client shows progress that it gave no token for
 */
export function answerScenarioRuns(connection: Connection, border: Border, script: string, showsProgress = false): void {
  const thread = new ScenarioThread(script);
  border.answer(scenarioTests, scenarioTextParams, ({ text }) => testsOf(text));
  border.answer(runScenario, runScenarioParams, async (params, token) => {
    const shown = new LateProgress(connection, showsProgress);
    try {
      return await thread.run(params, (text) => shown.report(text), token);
    } finally {
      shown.done();
    }
  });
}

/** Progress of work that is mostly over before anybody could read of it: shown from its first report on. */
class LateProgress {
  private reporter: Promise<WorkDoneProgressReporter> | null = null;

  constructor(
    private readonly connection: Connection,
    private readonly supported: boolean,
  ) {}

  report(text: string): void {
    this.reporter ??= ownReporter(this.connection, this.supported).then((made) => {
      made.begin('Running scenarios');
      return made;
    });
    void this.reporter.then((made) => made.report(text));
  }

  done(): void {
    void this.reporter?.then((made) => made.done());
  }
}

interface Waiting {
  readonly params: RunScenarioParams;
  readonly report: (text: string) => void;
  readonly settle: (outcome: Outcome<ScenarioResult>) => void;
  readonly fail: (error: Error) => void;
}

/** One thread for all runs, one run after the other. Memory of a run is bounded by the model. */
class ScenarioThread {
  private worker: Worker | null = null;
  private lastId = 0;
  private running: (Waiting & { readonly id: number }) | null = null;
  private readonly queue: Waiting[] = [];

  constructor(private readonly script: string) {}

  /** *Fails* as `runScenario`; rejects on a bug in the thread. */
  run(params: RunScenarioParams, report: (text: string) => void, token: CancellationToken): Promise<Outcome<ScenarioResult>> {
    if (token.isCancellationRequested) return Promise.resolve(cancelled);
    return new Promise((settle, fail) => {
      const waiting: Waiting = { params, report, settle, fail };
      token.onCancellationRequested(() => this.cancel(waiting));
      this.queue.push(waiting);
      this.next();
    });
  }

  private next(): void {
    if (this.running !== null) return;
    const waiting = this.queue.shift();
    if (waiting === undefined) return;
    const id = (this.lastId += 1);
    this.running = { ...waiting, id };
    this.worker ??= this.started();
    this.worker.postMessage({ ...waiting.params, id });
  }

  private cancel(waiting: Waiting): void {
    const index = this.queue.indexOf(waiting);
    if (index >= 0) this.queue.splice(index, 1);
    else if (this.running?.settle === waiting.settle) {
      // A run hears nothing while it is at work.
      const ended = this.worker;
      this.worker = null;
      this.running = null;
      void ended?.terminate();
    } else return;
    waiting.settle(cancelled);
    this.next();
  }

  private started(): Worker {
    const worker = new Worker(this.script);
    // The server may end although the thread is there.
    worker.unref();
    worker.on('message', (message: FromScenarioThread) => {
      const { running } = this;
      if (this.worker !== worker || running?.id !== message.id) return;
      if (message.kind === 'progress') return running.report(message.text);
      this.running = null;
      running.settle(message.outcome);
      this.next();
    });
    worker.on('error', (error) => this.lost(worker, error));
    // Out of memory ends a thread without an answer.
    worker.on('exit', () => this.lost(worker, new Error('the thread of the scenario ended without an answer')));
    return worker;
  }

  private lost(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = null;
    const { running } = this;
    this.running = null;
    running?.fail(error);
    this.next();
  }
}
