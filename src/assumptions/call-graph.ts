/** Who may call whom in a tree: by name, by file and architecture, and through members of tables of functions. */
import type { FileFacts, FoundCall, FoundFunction, Standing } from './facts';

export interface GraphNode {
  readonly file: string;
  readonly found: FoundFunction;
}

export interface Caller {
  readonly by: GraphNode;
  readonly call: FoundCall;
}

/** Where the address of a function or a table is taken. */
export interface AddressUse {
  /** Null at the top level. */
  readonly by: GraphNode | null;
  readonly file: string;
  readonly line: number;
  /** `.rmap_one` where it is put into that member; '' elsewhere. */
  readonly member: string;
  /** The table at the top level that holds it; '' elsewhere. */
  readonly table: string;
  /** Of what it is put into. */
  readonly standing: Standing;
}

export class CallGraph {
  readonly nodes: readonly GraphNode[];
  /** Files with a table that makes its files hugetlb files: all their tables are hugetlb's. */
  readonly homes: ReadonlySet<string>;
  private readonly byName = new Map<string, GraphNode[]>();
  private readonly calls = new Map<string, Caller[]>();
  private readonly uses = new Map<string, AddressUse[]>();
  private readonly byMember = new Map<string, string[]>();
  private readonly callers = new Map<GraphNode, readonly Caller[]>();

  constructor(readonly files: ReadonlyMap<string, FileFacts>) {
    const nodes: GraphNode[] = [];
    const homes = new Set<string>();
    for (const [file, facts] of files) {
      for (const found of facts.functions) {
        const node: GraphNode = { file, found };
        nodes.push(node);
        push(this.byName, found.name, node);
        for (const call of found.calls) push(this.calls, call.callee, { by: node, call });
        for (const { name, member, line, standing } of found.uses) this.use(name, { by: node, file, member, table: '', standing, line });
      }
      for (const table of facts.tables) {
        if (table.makesHugetlb) homes.add(file);
        for (const [member, name] of table.members)
          this.use(name, { by: null, file, member, table: table.name, standing: UNKNOWN, line: table.line });
      }
    }
    this.nodes = nodes;
    this.homes = homes;
  }

  /** Calls of a name or of `.member`, whoever is meant. */
  callsOf(name: string): readonly Caller[] {
    return this.calls.get(name) ?? NONE;
  }

  usesOf(name: string): readonly AddressUse[] {
    return this.uses.get(name) ?? NONE;
  }

  /** Calls that may mean this function. */
  callersOf(node: GraphNode): readonly Caller[] {
    const known = this.callers.get(node);
    if (known !== undefined) return known;
    const found = this.callsOf(node.found.name).filter(({ by }) => this.resolve(node.found.name, by.file).includes(node));
    this.callers.set(node, found);
    return found;
  }

  /** Where the address of this function may be taken. */
  addressTaken(node: GraphNode): readonly AddressUse[] {
    return this.usesOf(node.found.name).filter(
      (use) => (!node.found.isStatic || use.file === node.file) && this.resolve(node.found.name, use.file).includes(node),
    );
  }

  /** Functions whose address is put into a member of that name. */
  behind(member: string): readonly GraphNode[] {
    const names = this.byMember.get(member) ?? NONE;
    return names.flatMap((name) => this.usesOf(name).flatMap((use) => (use.member === member ? this.resolve(name, use.file) : [])));
  }

  /**
   * The definitions that a name may mean in a file: its own, else those that others can see. Where a file has one for want of an architecture's
   * own, that is meant too.
   */
  resolve(name: string, file: string): readonly GraphNode[] {
    const all = this.byName.get(name);
    if (all === undefined) return NONE;
    const own = all.filter((one) => one.file === file);
    const arch = archOf(file);
    if (own.length > 0) {
      if (arch !== '') return own;
      return [...own, ...all.filter((one) => !one.found.isStatic && !one.found.isMacro && archOf(one.file) !== '')];
    }
    return all.filter((one) => {
      if ((one.found.isStatic || one.found.isMacro) && !one.file.endsWith('.h')) return false;
      const other = archOf(one.file);
      return other === '' || arch === '' || other === arch;
    });
  }

  private use(name: string, use: AddressUse): void {
    push(this.uses, name, use);
    if (use.member === '') return;
    const names = this.byMember.get(use.member);
    if (names === undefined) this.byMember.set(use.member, [name]);
    else if (!names.includes(name)) names.push(name);
  }
}

const NONE: readonly never[] = [];
const UNKNOWN: Standing = { is: 'unknown' };

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const archOf = (file: string): string => (file.startsWith('arch/') ? file.slice(5, file.indexOf('/', 5)) : '');
