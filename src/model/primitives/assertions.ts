/** WARN_ON, BUG_ON and their kin, and what only logs. */
import { finds, primitive, returns } from '../define';
import type { FindingKind, Primitive } from '../primitive';
import { count, COUNTERS } from '../record';

type Kind = Extract<FindingKind, 'warn-on' | 'bug-on'>;

interface Assertion {
  readonly name: string;
  readonly kind: Kind;
  readonly source: string;
  /** Which argument is the condition; -1 when the call itself is the failure. */
  readonly condition: number;
  /** Which argument is the text; -1 when there is none. */
  readonly text?: number;
  readonly valued: boolean;
  readonly args: (condition: string) => string;
}

const BUG_H = 'include/asm-generic/bug.h';
const MMDEBUG = 'include/linux/mmdebug.h';
const plain = (condition: string): string => condition;

const ASSERTIONS: readonly Assertion[] = [
  { name: 'WARN_ON', kind: 'warn-on', source: BUG_H, condition: 0, valued: true, args: plain },
  { name: 'WARN_ON_ONCE', kind: 'warn-on', source: BUG_H, condition: 0, valued: true, args: plain },
  { name: 'WARN', kind: 'warn-on', source: BUG_H, condition: 0, text: 1, valued: true, args: (c) => `${c}, "text"` },
  { name: 'WARN_ONCE', kind: 'warn-on', source: BUG_H, condition: 0, text: 1, valued: true, args: (c) => `${c}, "text"` },
  { name: 'BUG_ON', kind: 'bug-on', source: BUG_H, condition: 0, valued: false, args: plain },
  { name: 'VM_BUG_ON', kind: 'bug-on', source: MMDEBUG, condition: 0, valued: false, args: plain },
  { name: 'VM_BUG_ON_FOLIO', kind: 'bug-on', source: MMDEBUG, condition: 0, valued: false, args: (c) => `${c}, (struct folio *)0` },
  { name: 'VM_BUG_ON_PAGE', kind: 'bug-on', source: MMDEBUG, condition: 0, valued: false, args: (c) => `${c}, (struct page *)0` },
  { name: 'VM_WARN_ON', kind: 'warn-on', source: MMDEBUG, condition: 0, valued: true, args: plain },
  { name: 'VM_WARN_ON_ONCE', kind: 'warn-on', source: MMDEBUG, condition: 0, valued: true, args: plain },
  { name: 'VM_WARN_ON_FOLIO', kind: 'warn-on', source: MMDEBUG, condition: 0, valued: true, args: (c) => `${c}, (struct folio *)0` },
  { name: 'VM_WARN_ON_ONCE_FOLIO', kind: 'warn-on', source: MMDEBUG, condition: 0, valued: true, args: (c) => `${c}, (struct folio *)0` },
  { name: 'VM_WARN_ON_ONCE_PAGE', kind: 'warn-on', source: MMDEBUG, condition: 0, valued: true, args: (c) => `${c}, (struct page *)0` },
  { name: 'KVM_BUG_ON', kind: 'warn-on', source: 'include/linux/kvm_host.h', condition: 0, valued: true, args: (c) => `${c}, (void *)0` },
];

const FORMAT_LIMIT = 200;

const assertionRow = (each: Assertion): Primitive =>
  primitive({
    name: each.name,
    form: 'macro',
    meaning: `Reports a finding when its condition holds${each.kind === 'bug-on' ? ', and ends the run there' : ', and gives the condition back'}.`,
    source: `${each.source}: ${each.name}()`,
    leavesOut: each.name.includes('ONCE') ? 'Once: each time counts.' : each.name.startsWith('KVM') ? 'Marking the VM as dead.' : '',
    examples: [
      finds(`${each.name}(${each.args('1 == 1')}); return 0;`, each.kind),
      returns(
        `${each.valued ? 'return ' : ''}${each.name}(${each.args('1 == 2')});${each.valued ? '' : ' return 0;'}`,
        0,
        'condition does not hold',
      ),
    ],
    bind: () => (kernel) => {
      if (kernel.arg(each.condition) === 0) return 0;
      const text = each.text === undefined ? '' : kernel.text(kernel.arg(each.text), FORMAT_LIMIT).trim();
      if (each.kind === 'warn-on') count(kernel, COUNTERS.warnings, 1);
      kernel.report(each.kind, text === '' ? `${each.name}(): its condition holds here.` : `${each.name}(): ${text}`);
      return each.kind === 'bug-on' ? kernel.stop() : 1;
    },
  });

const bug = primitive({
  name: 'BUG',
  form: 'macro',
  meaning: 'Reports a finding and ends the run.',
  source: `${BUG_H}: BUG()`,
  examples: [finds('BUG(); return 0;', 'bug-on')],
  bind: () => (kernel) => {
    kernel.report('bug-on', 'BUG() is reached.');
    return kernel.stop();
  },
});

/** Name → where it is, whether a macro, and how an example calls it. */
const SILENT: readonly (readonly [name: string, source: string, form: 'macro' | 'function', call: string])[] = [
  ['BUILD_BUG_ON', 'include/linux/build_bug.h', 'macro', 'BUILD_BUG_ON(0)'],
  ['BUILD_BUG_ON_MSG', 'include/linux/build_bug.h', 'macro', 'BUILD_BUG_ON_MSG(0, "text")'],
  ['pr_warn', 'include/linux/printk.h', 'macro', 'pr_warn("text")'],
  ['pr_warn_once', 'include/linux/printk.h', 'macro', 'pr_warn_once("text")'],
  ['pr_warn_ratelimited', 'include/linux/printk.h', 'macro', 'pr_warn_ratelimited("text")'],
  ['pr_err', 'include/linux/printk.h', 'macro', 'pr_err("text")'],
  ['pr_err_ratelimited', 'include/linux/printk.h', 'macro', 'pr_err_ratelimited("text")'],
  ['pr_info', 'include/linux/printk.h', 'macro', 'pr_info("text")'],
  ['pr_debug', 'include/linux/printk.h', 'macro', 'pr_debug("text")'],
  ['pr_alert', 'include/linux/printk.h', 'macro', 'pr_alert("text")'],
  ['printk', 'include/linux/printk.h', 'macro', 'printk("text")'],
  ['dump_page', 'mm/debug.c', 'function', 'dump_page((void *)0, "text")'],
  ['dump_stack', 'lib/dump_stack.c', 'function', 'dump_stack()'],
];

const silentRow = ([name, source, form, call]: (typeof SILENT)[number]): Primitive => {
  const logs = /^p|^dump/.test(name);
  return primitive({
    name,
    form,
    meaning: logs ? 'A line in the event list.' : 'Nothing: the compiler checks it.',
    source: `${source}: ${name}()`,
    leavesOut: logs ? 'The values that the format takes.' : '',
    examples: [returns(`${call}; return 1;`, 1)],
    bind: () => (kernel) => {
      if (logs && !name.startsWith('dump')) kernel.event('log', kernel.text(kernel.arg(0), FORMAT_LIMIT).trim());
      return 0;
    },
  });
};

export const assertions: readonly Primitive[] = [...ASSERTIONS.map(assertionRow), bug, ...SILENT.map(silentRow)];
