/** Which of several definitions of a name a place in the tree sees: a stand-in for following its #includes. */
import type { Found, TreeIndex } from './tree-index';

/**
 * How near a definition's file is to a place: higher is nearer, negative is out of reach.
 * The order is that of the kernel's include path: the file itself, headers beside it, arch/x86, linux, the rest, asm-generic.
 */
export function nearness(definedIn: string, seenFrom: string): number {
  if (definedIn === seenFrom) return 100;
  if (!definedIn.endsWith('.h')) return -1;
  // Headers of 32-bit x86 stand beside those of 64-bit; which one is included is decided by #include lines that are not followed.
  if (definedIn.startsWith('arch/x86/') && /(_32|-[23]level)[._\w]*\.h$/.test(definedIn)) return -1;
  // For machines with one processor: x86-64 with CONFIG_SMP never includes them.
  if (definedIn.endsWith('_up.h')) return -1;
  const folder = folderOf(definedIn);
  if (folder === folderOf(seenFrom)) return 90;
  if (definedIn.startsWith('arch/x86/include/')) return definedIn.includes('/uapi/') ? 58 : definedIn.includes('/generated/') ? 57 : 60;
  if (definedIn.startsWith('arch/x86/')) return seenFrom.startsWith('arch/x86/') ? 50 : -1;
  if (definedIn.startsWith('arch/')) return -1;
  if (definedIn.startsWith('include/asm-generic/')) return 20;
  if (definedIn.startsWith('include/linux/')) return 40;
  if (definedIn.startsWith('include/uapi/asm-generic/')) return 18;
  if (definedIn.startsWith('include/uapi/linux/')) return 38;
  if (definedIn.startsWith('include/vdso/')) return 30;
  // Subsystems' own headers (acpi, net, trace …) name common things for themselves.
  if (definedIn.startsWith('include/')) return 15;
  if (definedIn.startsWith('mm/') || definedIn.startsWith('virt/') || definedIn.startsWith('fs/') || definedIn.startsWith('kernel/')) {
    // A private header of another folder is seen only by files below it.
    return seenFrom.startsWith(`${folder}/`) ? 45 : -1;
  }
  if (
    definedIn.startsWith('tools/') ||
    definedIn.startsWith('Documentation/') ||
    definedIn.startsWith('scripts/') ||
    definedIn.startsWith('samples/')
  )
    return -1;
  return 10;
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Candidates of a name in reach of a place, nearest first; those of one file in order of place. */
export const inReach = (index: TreeIndex, name: string, seenFrom: string, kinds: ReadonlySet<string>): Found[] =>
  nearestFirst(
    (index.byName.get(name) ?? []).filter((found) => kinds.has(found.definition.kind)),
    seenFrom,
  );

/** Those of the definitions that are in reach of a place, nearest first. */
export function nearestFirst(all: readonly Found[], seenFrom: string): Found[] {
  const scored: { found: Found; score: number }[] = [];
  for (const found of all) {
    const score = nearness(found.file.path, seenFrom);
    if (score >= 0) scored.push({ found, score });
  }
  if (scored.length > 1) scored.sort((a, b) => b.score - a.score);
  return scored.map((one) => one.found);
}

/** A function's or global's definition wherever it stands: unlike a macro it need not be in a header. */
export function definitionsOf(index: TreeIndex, name: string, seenFrom: string, kinds: ReadonlySet<string>): Found[] {
  const all = (index.byName.get(name) ?? []).filter((found) => kinds.has(found.definition.kind) && !foreign(found.file.path));
  const score = (found: Found): number => {
    const near = nearness(found.file.path, seenFrom);
    return near >= 0 ? near : 5;
  };
  return [...all].sort((a, b) => score(b) - score(a));
}

const foreign = (path: string): boolean =>
  (path.startsWith('arch/') && !path.startsWith('arch/x86/')) ||
  path.startsWith('tools/') ||
  path.startsWith('Documentation/') ||
  path.startsWith('scripts/');
