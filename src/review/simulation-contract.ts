/** The simulation that the CLI runs in its process and the page in its worker. */
import type { Outcome } from '../base/outcome';
import type { MemoryView, SimulationReport, SimulationSetup, SimulationView } from '../protocol/simulation';

export interface Simulation {
  /** One statement of the running function, entering calls. */
  step(): void;
  /** One statement, running callees to their end. */
  stepOver(): void;
  /** To the return of the current function. */
  stepOut(): void;
  /** To the statement before; at the start, nothing. */
  stepBack(): void;
  /** At most `budget` instructions; true when the run has ended. Call again to go on: nothing blocks for long. */
  run(budget: number): boolean;
  /** Forward or back to an instruction step; stops at the end of the run. */
  goTo(step: number): void;
  /** @param memory taken over as it is: looking at the page frames of a 1G block takes longer than a step */
  view(memory?: MemoryView): SimulationView;
  /** After the end of the run. */
  report(): SimulationReport;
}

/** `src/review/simulation.ts` exports it under this type. */
export type CreateSimulation = (setup: SimulationSetup) => Outcome<Simulation>;
