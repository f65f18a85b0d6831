/** The words that a scenario has inside its texts: values of arguments, ways in which a folio stands, locks of the caller. */

/** How the folio that a function is given stands; a scenario says one as the value of the folio's parameter. */
export const FOLIO_STATES = ['cached', 'held', 'locked', 'removed', 'removed-locked', 'free'] as const;
export type FolioState = (typeof FOLIO_STATES)[number];

/** Decimal or 0x, with a sign; null when it is no number. */
export function numberOf(text: string): number | null {
  if (/^-?\d{1,20}$/.test(text)) return Number(BigInt.asIntN(64, BigInt(text)));
  if (/^-?0x[0-9a-f]{1,16}$/i.test(text)) {
    const value = BigInt(text.replace('-', ''));
    return Number(BigInt.asIntN(64, text.startsWith('-') ? -value : value));
  }
  return text === 'true' ? 1 : text === 'false' || text === 'NULL' ? 0 : null;
}

/** What can stand as the value of an argument. */
export const isArgumentValue = (text: string): boolean => numberOf(text) !== null || FOLIO_STATES.some((state) => state === text);

export const isName = (text: string): boolean => /^[A-Za-z_]\w{0,127}$/.test(text);

/** Longer ones are no names of locks. */
const LONGEST_PATH = 200;

/** `mapping->invalidate_lock`, `hugetlb_fault_mutex_table[hash]`, `mm->mmap_lock (shared)`: whether there is such a lock is seen when it is followed. */
export const isLockPath = (text: string): boolean =>
  text.length <= LONGEST_PATH && /^[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*|\[\w{1,40}\])*(?: \(shared\))?$/.test(text);

/** What a caller holds: a path, or `function: path` for a function that runs after the first. */
export function isHeld(text: string): boolean {
  const [name = '', path] = text.split(': ', 2);
  return path === undefined ? isLockPath(text) : isName(name) && isLockPath(path);
}
