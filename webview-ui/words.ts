/** The sentences and numbers that the page shows, from plain data. */
import type { FolioExtent, RunPlace, RunStatus, Scenario, SimulationSetup } from '../src/protocol/simulation';

/** `262,144`; the page speaks English as the kernel does. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** `+3`, `−1`, `0`. */
export const signed = (value: number): string => (value > 0 ? `+${count(value)}` : value < 0 ? `−${count(-value)}` : '0');

export const pfnText = (pfn: number): string => `0x${pfn.toString(16)}`;

/** `1 GiB`, `2 MiB`, `64 KiB`: bytes of a number of 4 KiB pages. */
export function sizeOfPages(pages: number): string {
  const kib = pages * 4;
  if (kib >= 1024 * 1024 && kib % (1024 * 1024) === 0) return `${count(kib / (1024 * 1024))} GiB`;
  if (kib >= 1024 && kib % 1024 === 0) return `${count(kib / 1024)} MiB`;
  return `${count(kib)} KiB`;
}

/** `1 folio`, `2 folios`. */
export const many = (number: number, one: string, more = `${one}s`): string => `${count(number)} ${number === 1 ? one : more}`;

export const placeText = (place: Pick<RunPlace, 'file' | 'line'>): string =>
  place.file === '' ? '' : `${baseName(place.file)}:${place.line}`;

export const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** Errno names of x86-64's asm-generic headers that memory management returns. */
const ERRNO: Readonly<Record<number, string>> = {
  1: 'EPERM', 2: 'ENOENT', 4: 'EINTR', 5: 'EIO', 6: 'ENXIO', 7: 'E2BIG', 9: 'EBADF', 11: 'EAGAIN', 12: 'ENOMEM', 13: 'EACCES', 14: 'EFAULT',
  16: 'EBUSY', 17: 'EEXIST', 19: 'ENODEV', 22: 'EINVAL', 26: 'ETXTBSY', 27: 'EFBIG', 28: 'ENOSPC', 34: 'ERANGE', 38: 'ENOSYS', 61: 'ENODATA',
  75: 'EOVERFLOW', 95: 'EOPNOTSUPP', 110: 'ETIMEDOUT', 133: 'EHWPOISON',
}; // prettier-ignore

/** `-12 (-ENOMEM)`, `0`, and kernel pointers as hexadecimal. */
export function returnedText(value: string): string {
  if (value === '') return 'nothing';
  if (!/^-?\d{1,20}$/.test(value)) return value;
  const number = BigInt(value);
  const errno = number < 0n && number >= -4095n ? ERRNO[Number(-number)] : undefined;
  if (errno) return `${value} (-${errno})`;
  return number < -4095n ? `0x${BigInt.asUintN(64, number).toString(16)}` : value;
}

export interface StatusWords {
  /** Names the look: `running`, `returned`, `stopped`, `undecided`. */
  readonly tone: RunStatus['kind'];
  readonly text: string;
  readonly place: RunPlace | null;
}

/** What the status line says. */
export function statusWords(status: RunStatus, place: RunPlace, step: number): StatusWords {
  switch (status.kind) {
    case 'running':
      return {
        tone: 'running',
        text: step === 0 ? `at the entry of ${place.function}()` : `stopped in ${place.function}() at step ${count(step)}`,
        place,
      };
    case 'returned':
      return { tone: 'returned', text: `returned ${returnedText(status.value)}`, place: null };
    case 'stopped':
      return { tone: 'stopped', text: `stopped: ${status.finding.kind}: ${status.finding.message}`, place: status.finding };
    case 'undecided':
      return { tone: 'undecided', text: `undecided, because ${status.why}`, place: status.place };
  }
}

/** The bounds of what was shown while the run has not said them itself. */
export function boundsBefore({ scenario, fail = 0, choices = [] }: Pick<SimulationSetup, 'scenario' | 'fail' | 'choices'>): string {
  const way = fail > 0 ? `allocation ${fail} fails` : choices.length > 0 ? 'with the choices that were given' : 'no allocation fails';
  return `One run, one task, order ${scenario.order}, ${many(scenario.blocks, 'block')}, ${way}; what it would say of other states is not known.`;
}

/** The scenario in one line. */
export function scenarioText(scenario: Scenario, fail: number): string {
  const parts = [
    `order ${scenario.order} (${sizeOfPages(2 ** scenario.order)})`,
    many(scenario.blocks, 'block'),
    `folios ${scenario.folios}`,
    `faultable ${scenario.faultable}`,
    scenario.hvo ? 'HVO' : 'no HVO',
    ...Object.entries(scenario.arguments)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name} = ${value}`),
  ];
  if (fail > 0) parts.push(`allocation ${fail} fails`);
  return parts.join(' · ');
}

/** How a folio looks on the map: one of a fixed number of looks, each with its own pattern and letter. */
type Look = 'hugetlb-free' | 'hugetlb' | 'cache' | 'folio' | 'frozen' | 'tail' | 'other';

interface LookWords {
  readonly look: Look;
  readonly name: string;
  /** Written on the map where there is room, so that colour is never the only sign. */
  readonly letter: string;
}

export const LOOKS: readonly LookWords[] = [
  { look: 'hugetlb', name: 'hugetlb folio', letter: 'H' },
  { look: 'hugetlb-free', name: 'free hugetlb folio', letter: 'h' },
  { look: 'cache', name: 'folio in the page cache', letter: 'F' },
  { look: 'folio', name: 'folio in no mapping', letter: 'f' },
  { look: 'frozen', name: 'frozen (refcount 0)', letter: 'Z' },
  { look: 'tail', name: 'tail page on its own', letter: 't' },
  { look: 'other', name: 'free page', letter: '·' },
];

export function lookOf(extent: Pick<FolioExtent, 'type' | 'owner'>): LookWords {
  const look = (): Look => {
    if (extent.type === 'hugetlb') return extent.owner === 'page cache' || extent.owner === 'nobody' ? 'hugetlb' : 'hugetlb-free';
    if (extent.type === 'frozen') return 'frozen';
    if (extent.type === 'tail') return 'tail';
    if (extent.owner === 'page cache') return 'cache';
    return extent.owner === 'free' ? 'other' : 'folio';
  };
  const found = look();
  return LOOKS.find((one) => one.look === found)!;
}
