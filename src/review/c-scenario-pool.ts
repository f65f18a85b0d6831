/** Operations on the pool of huge pages on the C: its size, users of hugetlbfs, and the nodes that tasks may take memory of. */
import { type Outcome, refused } from '../base/outcome';
import type { Operation, OperationResult } from '../model/host/operation';
import { addHugetlbfsMapping } from '../model/userspace/hugetlbfs';
import { setPolicy } from '../model/userspace/pool-steps';
import { failed, one, well } from './c-scenario-answers';
import { vmNamed } from './c-scenario-files';
import type { GroundOnC } from './c-scenario-state';

type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>;

export function resize(host: GroundOnC, { count, node }: OperationOf<'resize'>): Outcome<OperationResult> {
  anyNode(host);
  return one(host, 'resize', { hstate: host.session.world.hstate, count, node: node ?? -1 });
}

/** The administrator and users of hugetlbfs are bound to no node. */
const anyNode = ({ session: { machine } }: GroundOnC): void => {
  setPolicy(machine.kernel, machine.layout, -1);
};

export function setNode(host: GroundOnC, { vm, node }: OperationOf<'policy'>): Outcome<OperationResult> {
  vmNamed(host, vm);
  host.now = { ...host.now, vms: host.now.vms.map((each) => (each.name === vm ? { ...each, node } : each)) };
  return well(0);
}

export function hugetlbfs(host: GroundOnC, operation: OperationOf<'hugetlbfs'>): Outcome<OperationResult> {
  anyNode(host);
  return operation.action === 'map' ? map(host, operation) : unmap(host, operation);
}

function map(host: GroundOnC, { owner, pages }: OperationOf<'hugetlbfs'>): Outcome<OperationResult> {
  const { machine, world } = host.session;
  const number = addHugetlbfsMapping(machine.kernel, machine.layout, world.hstate, pages);
  const error = host.errorOf(host.calls.run('hugetlbfs-map', { number, pages }));
  if (error !== null) return failed(error);
  host.now = { ...host.now, hugetlbfs: [...host.now.hugetlbfs, { owner, number, pages }] };
  return well(pages * 2 ** host.setup.order);
}

/** From the newest mappings of the owner on. */
function unmap(host: GroundOnC, { owner, pages }: OperationOf<'hugetlbfs'>): Outcome<OperationResult> {
  const own = host.now.hugetlbfs.filter((each) => each.owner === owner).reverse();
  const held = own.reduce((sum, each) => sum + each.pages, 0);
  if (held < pages) {
    return refused(
      'c-scenario/no-name',
      `${owner} has mapped ${held} huge pages on the C.`,
      `It cannot give ${pages} back.`,
      'Let it give back what it has.',
    );
  }
  let left = pages;
  for (const mapping of own) {
    const going = Math.min(left, mapping.pages);
    if (going === 0) break;
    const error = host.errorOf(host.calls.run('hugetlbfs-unmap', { number: mapping.number, pages: going }));
    if (error !== null) return failed(error);
    left -= going;
    const rest = host.now.hugetlbfs.map((each) => (each.number === mapping.number ? { ...each, pages: each.pages - going } : each));
    host.now = { ...host.now, hugetlbfs: rest.filter((each) => each.pages > 0) };
  }
  return well(pages * 2 ** host.setup.order);
}
