/** Facts of a file in few characters, for the disk and for threads: lists in a fixed order, empty ends left off. */
import type { FileFacts, FoundCall, FoundFunction, FoundSite, FoundTable, FoundUnread, FoundUse, Standing } from './facts';

/** Goes up whenever the same text gives other facts, or facts are packed otherwise. */
export const FACTS_VERSION = 4;

/** *Shape* plain JSON; `unpackedFacts` gives back the same facts. */
export function packedFacts(facts: FileFacts): unknown {
  const { functions, loose, tables, unread, wrappers } = facts;
  return [functions.map(packedFunction), loose.map(packedSite), tables, unread, wrappers];
}

/** *Fails* with null where the value is not what `packedFacts` makes. */
export function unpackedFacts(value: unknown): FileFacts | null {
  if (!Array.isArray(value) || value.length !== 5 || !value.every(Array.isArray)) return null;
  const [functions, loose, tables, unread, wrappers] = value as unknown as Packed;
  try {
    return { functions: functions.map(unpackedFunction), loose: loose.map(unpackedSite), tables, unread, wrappers };
  } catch {
    return null;
  }
}

type Packed = readonly [
  readonly PackedFunction[],
  readonly PackedSite[],
  readonly FoundTable[],
  readonly FoundUnread[],
  FileFacts['wrappers'],
];
type PackedStanding = 0 | string | readonly [number, readonly number[], (PackedStanding | -1)?, (readonly string[] | number)?];
type PackedSite = readonly [
  string,
  FoundSite['kind'],
  string,
  number,
  number,
  string,
  readonly number[],
  readonly PackedStanding[],
  readonly number[],
];
/** The line is negative where nothing is handed on. */
type PackedCall = readonly [string, number, (readonly PackedStanding[])?, (readonly number[])?, FoundCall['twins']?];
type PackedUse = readonly [string, string, number, PackedStanding?];
type PackedFunction = readonly [string, number, number, string, readonly PackedSite[], readonly PackedCall[], readonly PackedUse[]];

function packedFunction(one: FoundFunction): PackedFunction {
  const marks = (one.isStatic ? 1 : 0) | (one.isMacro ? 2 : 0);
  return [one.name, one.line, marks, one.params.join(), one.sites.map(packedSite), one.calls.map(packedCall), one.uses.map(packedUse)];
}

function unpackedFunction([name, line, marks, params, sites, calls, uses]: PackedFunction): FoundFunction {
  return {
    name,
    line,
    isStatic: (marks & 1) !== 0,
    isMacro: (marks & 2) !== 0,
    params: params === '' ? [] : params.split(','),
    sites: sites.map(unpackedSite),
    calls: calls.map(unpackedCall),
    uses: uses.map(unpackedUse),
  };
}

const packedSite = (one: FoundSite): PackedSite => [
  one.symbol,
  one.kind,
  one.rule,
  one.line,
  one.column,
  one.local,
  one.lines,
  one.standings.map(packedStanding),
  one.folioLines,
];

const unpackedSite = ([symbol, kind, rule, line, column, local, lines, standings, folioLines]: PackedSite): FoundSite => ({
  symbol,
  kind,
  rule,
  line,
  column,
  local,
  lines,
  standings: standings.map((one) => unpackedStanding(one) ?? UNKNOWN),
  folioLines,
});

function packedCall({ callee, line: at, args, folioLines, hands, twins }: FoundCall): PackedCall {
  const line = hands ? at : -at;
  const standings = args.map((one): PackedStanding => (one === null ? 0 : packedStanding(one)));
  if (twins.length > 0) return [callee, line, standings, folioLines, twins];
  if (folioLines.length > 0) return [callee, line, standings, folioLines];
  return standings.length > 0 ? [callee, line, standings] : [callee, line];
}

const unpackedCall = ([callee, line, args = NONE, folioLines = NONE, twins = NONE]: PackedCall): FoundCall => ({
  callee,
  line: Math.abs(line),
  hands: line > 0,
  args: args.map(unpackedStanding),
  folioLines,
  twins,
});

const packedUse = ({ name, member, line, standing }: FoundUse): PackedUse =>
  standing.is === 'unknown' && standing.vma === undefined ? [name, member, line] : [name, member, line, packedStanding(standing)];

const unpackedUse = ([name, member, line, standing = -1 as never]: PackedUse): FoundUse => ({
  name,
  member,
  line,
  standing: (standing as PackedStanding | -1) === -1 ? UNKNOWN : (unpackedStanding(standing) ?? UNKNOWN),
});

/** Most are a parameter passed on: its path alone. */
function packedStanding(one: Standing): PackedStanding {
  switch (one.is) {
    case 'passed': {
      const [only] = one.from;
      if (one.from.length === 1 && only !== undefined && one.lines.length === 0 && one.vma === undefined) return only;
      return [1, one.lines, one.vma === undefined ? -1 : packedStanding(one.vma), one.from];
    }
    case 'hugetlb':
      return one.param === undefined ? [2, one.lines] : [2, one.lines, -1, one.param];
    case 'unknown':
      return one.vma === undefined ? [3, NONE] : [3, NONE, packedStanding(one.vma)];
  }
}

function unpackedStanding(one: PackedStanding): Standing | null {
  if (one === 0) return null;
  if (typeof one === 'string') return { is: 'passed', from: [one], lines: NONE };
  const [kind, lines, carried = -1, extra] = one;
  const vma = carried === -1 ? null : unpackedStanding(carried);
  if (kind === 2) return typeof extra === 'number' ? { is: 'hugetlb', lines, param: extra } : { is: 'hugetlb', lines };
  if (kind === 1) {
    const from = Array.isArray(extra) ? (extra as readonly string[]) : NONE;
    return vma === null ? { is: 'passed', from, lines } : { is: 'passed', from, lines, vma };
  }
  return vma === null ? UNKNOWN : { is: 'unknown', vma };
}

const NONE: readonly never[] = [];
const UNKNOWN: Standing = { is: 'unknown' };
