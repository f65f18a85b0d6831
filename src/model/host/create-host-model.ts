/** Makes the model of a host with a design, on which operations are done one after the other. */
import { isAll } from './pages';
import { done, refused, type Outcome } from '../../base/outcome';
import { designs } from '../allocators/all';
import { checked, noViolations, type Violations } from '../invariants/check';
import { metricsOf } from '../metrics/all';
import { bootHost } from './boot';
import { countersOf } from './counters';
import { eventsOf, type EventLog } from './event-log';
import { hashOf } from './hash';
import { beginOperation, currentFile, isRestructured, type Host } from './host';
import type { CreateHostModel, HostModel, ModelMark } from './host-model';
import { perform } from './perform';
import { copyHstate } from './pools';
import type { Small } from './state';
import { extentsOf, referencesOf } from './view';

/** Fails `model/bad-switch`, `model/bad-host`; `apply`: `model/no-such-name`, `model/bad-range`, `model/bad-number`, `model/too-large`. */
export const createHostModel: CreateHostModel = (spec) => {
  const design = designs.find(({ id }) => id === spec.design);
  if (design === undefined)
    return refused(
      'model/bad-host',
      `There is no design ${spec.design}.`,
      'The model knows no rules for it.',
      'Name one of A, B, B2, C, D, E.',
    );
  const booted = bootHost(spec, design);
  if (booted.kind !== 'done') return booted;
  const host = booted.value;
  let violations: Violations = noViolations;
  /** Epochs are never used twice, so that no mark's blocks are changed. */
  let epochs = 1;

  const apply: HostModel['apply'] = (operation) => {
    beginOperation(host);
    const began = host.time;
    const result = perform(host, design, operation);
    if (result.kind !== 'done') return result;
    host.tally.unmergedTime += host.tally.unmerged * (host.time - began);
    noteUnmerged(host);
    // A touch of what is mapped already changes nothing that could be counted.
    violations = checked(
      host,
      violations,
      host.touched.length > 0 || (operation.kind !== 'guest-fault' && operation.kind !== 'host-fault'),
    );
    host.step += 1;
    return result;
  };

  const model: HostModel = {
    spec,
    apply,
    steps: () => host.step,
    time: () => host.time,
    counters: () => countersOf(host),
    metrics: () => metricsOf(host),
    files: () => [...host.names.keys()],
    extents: (file) => {
      const at = host.names.get(file);
      return at === undefined ? [] : extentsOf(host, design, host.files[at]!);
    },
    references: (file, page) => {
      const at = host.names.get(file);
      const state = at === undefined ? undefined : host.files[at];
      return state === undefined || page < 0 || page >= state.pages ? null : referencesOf(host, state, page);
    },
    events: () => eventsOf(host.log),
    violations: () => violations.list,
    mark: () => {
      const kept: Kept = {
        step: host.step,
        time: host.time,
        small: copySmall(host),
        files: host.files,
        names: host.names,
        log: { ...host.log },
        violations,
      };
      host.files = host.files.slice();
      host.epoch = ++epochs;
      return kept;
    },
    restore: (mark) => {
      const kept = mark as Kept;
      Object.assign(host, copySmall(kept.small), {
        step: kept.step,
        time: kept.time,
        names: kept.names,
        log: { ...kept.log },
        files: kept.files.slice(),
        epoch: ++epochs,
      });
      violations = kept.violations;
    },
    hash: () => hashOf(host),
  };
  return done(model) satisfies Outcome<HostModel>;
};

interface Kept extends ModelMark {
  readonly time: number;
  readonly small: Small;
  readonly files: Host['files'];
  readonly names: Host['names'];
  readonly log: EventLog;
  readonly violations: Violations;
}

/** What is small is copied; files and blocks are shared and belong to their epoch. */
function copySmall(small: Small): Small {
  return {
    nodes: small.nodes.map((node) => ({ ...node })),
    hstates: { '1G': copyHstate(small.hstates['1G']), '2M': copyHstate(small.hstates['2M']) },
    pool: { ...small.pool },
    cma: { ...small.cma },
    vms: small.vms.map((vm) => ({ ...vm })),
    tally: { ...small.tally },
    failures: small.failures,
    hugetlbfs: small.hugetlbfs,
    users: small.users,
    gmem1G: small.gmem1G,
    gmem2M: small.gmem2M,
    dead: small.dead,
    lockEdges: small.lockEdges,
    pending: small.pending,
  };
}

/** Blocks that are split although nothing of them is shared: counted as they come and go. */
function noteUnmerged(host: Host): void {
  for (const { file, index } of host.touched) {
    const now = currentFile(host, file);
    const block = now.blocks[index];
    if (!block) continue;
    const unmerged = file.order > 0 && isRestructured(block) && isAll(block.share, 0);
    if (unmerged === block.unmerged) continue;
    block.unmerged = unmerged;
    host.tally.unmerged += unmerged ? 1 : -1;
  }
}
