/** What an operation on the C gives back, and which file its steps are of. */
import { done, type Outcome, refused } from '../base/outcome';
import type { ErrorName, OperationResult } from '../model/host/operation';
import { makePresent } from '../model/userspace/build';
import { setPolicy } from '../model/userspace/pool-steps';
import { forgetReading } from '../model/userspace/step';
import type { FileOnC, GroundOnC } from './c-scenario-state';

const PAGE = 4096;

/** @param page at which it stopped; left out where nobody tells */
export const answer = (error: ErrorName | null, pages: number, page = -1): Outcome<OperationResult> =>
  done({ error, errorOffset: error === null || page < 0 ? -1 : page * PAGE, pages });
export const well = (pages: number): Outcome<OperationResult> => answer(null, pages);
export const failed = (error: ErrorName): Outcome<OperationResult> => answer(error, 0);

export const noFile = (name: string): Outcome<never> =>
  refused('c-scenario/no-name', `There is no file ${name} on the C.`, 'It cannot be done.', 'Create it first.');

/** Runs one step, whose error is the operation's. */
export function one(host: GroundOnC, step: string, args: Readonly<Record<string, number>>, pages = 0): Outcome<OperationResult> {
  const error = host.errorOf(host.calls.run(step, args));
  return answer(error, error === null ? pages : 0);
}

/** Steps are of this file from now on, and run under the memory policy of its VM. */
export function select({ now, session: { machine } }: GroundOnC, file: FileOnC): void {
  forgetReading(machine.kernel);
  makePresent(machine.kernel, file.users);
  setPolicy(machine.kernel, machine.layout, now.vms.find(({ name }) => name === file.vm)?.node ?? -1);
}

/** The file with what has changed of it. */
export function change(host: GroundOnC, name: string, what: Partial<FileOnC>): void {
  host.now = { ...host.now, files: host.now.files.map((file) => (file.name === name ? { ...file, ...what } : file)) };
}
