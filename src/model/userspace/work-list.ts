/** Works that the kernel has put off to its threads, in simulated memory. */
import type { Address, Kernel } from '../primitive';
import type { RecordReader } from '../record';
import { HOST, hostOf, setWord, wordAt } from './record';

/** Works that can be put off at one time; later ones are forgotten. */
const MOST_WORKS = 16;

/** Works in the order in which they were put off. */
export function pendingWorks(reader: RecordReader): Address[] {
  const host = hostOf(reader);
  const works = host === 0 ? 0 : reader.peek(host, HOST.works);
  if (works === 0) return [];
  return Array.from({ length: MOST_WORKS }, (_, place) => wordAt(reader, works, place)).filter((work) => work !== 0);
}

/** Notes a work, where there is somebody to run it; false where it was put off already. */
export function putOff(kernel: Kernel, work: Address): boolean {
  const host = hostOf(kernel);
  if (host === 0 || work === 0 || kernel.peek(host, HOST.works) === 0) return true;
  const pending = pendingWorks(kernel);
  if (pending.includes(work)) return false;
  if (pending.length < MOST_WORKS) setWord(kernel, kernel.peek(host, HOST.works), pending.length, work);
  return true;
}

/** From now on works that are put off are noted. */
export const noteWorks = (kernel: Kernel): void =>
  kernel.store(hostOf(kernel), HOST.works, kernel.allocate(MOST_WORKS * 8, { name: 'works put off', zeroed: true, kind: 'model' }));

/** Takes a work out of those that were put off; false where it is none. */
export function takeWork(kernel: Kernel, work: Address): boolean {
  const pending = pendingWorks(kernel);
  if (!pending.includes(work)) return false;
  const rest = pending.filter((each) => each !== work);
  const works = kernel.peek(hostOf(kernel), HOST.works);
  for (let place = 0; place <= rest.length; place++) setWord(kernel, works, place, rest[place] ?? 0);
  return true;
}
