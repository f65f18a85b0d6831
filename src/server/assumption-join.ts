/** What the facts of a tree say together: the class of each site at once, what it takes longer to find out when it is asked for. */
import { CallGraph, type GraphNode } from '../assumptions/call-graph';
import { type Claim, claimsOf } from '../assumptions/claims';
import type { FileFacts } from '../assumptions/facts';
import { guestMemoryOf } from '../assumptions/guest-memory';
import { classifiedSites } from '../assumptions/join-facts';
import { reachOf } from '../assumptions/reach';
import type { Assessed, Classified } from '../assumptions/site';
import type { Unread } from '../review/scan';

export class JoinedTree {
  readonly graph: CallGraph;
  /** In order of file, line and column. */
  readonly sites: readonly Classified[];
  private assessing: { readonly claims: readonly Claim[]; readonly reach: ReturnType<typeof reachOf> } | null = null;
  private all: readonly Assessed[] | null = null;
  private readonly byFile = new Map<string, Classified[]>();

  constructor(
    readonly facts: ReadonlyMap<string, FileFacts>,
    readonly unread: readonly Unread[],
    /** Files looked at. */
    readonly files: number,
  ) {
    this.graph = new CallGraph(facts);
    this.sites = classifiedSites(this.graph);
    for (const site of this.sites) {
      const list = this.byFile.get(site.file);
      if (list === undefined) this.byFile.set(site.file, [site]);
      else list.push(site);
    }
  }

  inFile(file: string): readonly Classified[] {
    return this.byFile.get(file) ?? [];
  }

  get claims(): readonly Claim[] {
    return this.assessed().claims;
  }

  assess(site: Classified): Assessed {
    return { ...site, reach: this.assessed().reach(site) };
  }

  /** Every site with its reach. */
  get assessedSites(): readonly Assessed[] {
    this.all ??= this.sites.map((site) => this.assess(site));
    return this.all;
  }

  /** The functions of a name in a file. */
  functionsOf(file: string, name: string): readonly GraphNode[] {
    return this.graph.nodes.filter((node) => node.file === file && node.found.name === name);
  }

  private assessed(): NonNullable<JoinedTree['assessing']> {
    if (this.assessing === null) {
      const memory = guestMemoryOf(this.facts);
      const claims = claimsOf(this.graph, memory, this.sites);
      this.assessing = { claims, reach: reachOf(this.graph, memory, claims) };
    }
    return this.assessing;
  }
}
