/** The `expect` statements. */
import { ERRORS } from './vocabulary';
import type { Comparison } from './scenario';
import { type Arguments, type ExpectationRow, expectationRow } from './statement';
import type { ErrorName } from '../../model/host/operation';

/** At the end of each line. */
const FOR = '[when <when:condition>] [for <designs:designs>]';
const COMPARISONS = ['=', '!=', '<', '<=', '>', '>='] as const satisfies readonly Comparison[];
const ERROR_NAMES = Object.keys(ERRORS) as readonly ErrorName[];

const quantity = (values: Arguments): { name: string; is: Comparison; value: number } => ({
  name: values.text('name'),
  is: values.word('is', COMPARISONS, '='),
  value: values.number('value'),
});

export const EXPECTATIONS: readonly ExpectationRow[] = [
  expectationRow(
    { word: 'expect ok', pattern: `expect ok ${FOR}`, meaning: 'The step above goes well.', example: 'expect ok for B C D E' },
    {
      kind: 'error',
      make: () => ({ kind: 'error', error: null }),
      values: (each) => (each.kind === 'error' && each.error === null ? {} : null),
    },
  ),
  expectationRow(
    {
      word: 'expect meanwhile',
      pattern: `expect meanwhile <result:ok|${ERROR_NAMES.join('|')}> ${FOR}`,
      meaning: 'What the step behind "meanwhile" gives.',
      example: 'expect meanwhile EAGAIN for B',
    },
    {
      kind: 'meanwhile',
      make: (values) => ({ kind: 'meanwhile', error: values.maybeWord('result', ERROR_NAMES) ?? null }),
      values: (each) => (each.kind === 'meanwhile' ? { result: each.error ?? 'ok' } : null),
    },
  ),
  expectationRow(
    {
      word: 'expect counter',
      pattern: `expect counter <name:counter> <is:comparison> <value:amount> ${FOR}`,
      meaning: 'A counter after the step above.',
      example: 'expect counter hstate.1G.free_huge_pages = 16',
    },
    {
      kind: 'counter',
      make: (values) => ({ kind: 'counter', ...quantity(values) }),
      values: (each) => (each.kind === 'counter' ? { ...each } : null),
    },
  ),
  expectationRow(
    {
      word: 'expect metric',
      pattern: `expect metric <name:metric> <is:comparison> <value:amount> ${FOR}`,
      meaning: 'A metric after the step above.',
      example: 'expect metric vmemmap-pages = 4111 for A B C',
    },
    {
      kind: 'metric',
      make: (values) => ({ kind: 'metric', ...quantity(values) }),
      values: (each) => (each.kind === 'metric' ? { ...each } : null),
    },
  ),
  expectationRow(
    {
      word: 'expect held',
      pattern: `expect held <name:invariant> ${FOR}`,
      meaning: 'The invariant has held in every state up to here.',
      example: 'expect held NO-HUGETLB-MAPPED',
    },
    {
      kind: 'invariant',
      make: (values) => ({ kind: 'invariant', name: values.text('name'), held: true }),
      values: (each) => (each.kind === 'invariant' && each.held ? { name: each.name } : null),
    },
  ),
  expectationRow(
    {
      word: 'expect violated',
      pattern: `expect violated <name:invariant> ${FOR}`,
      meaning: 'The invariant has been violated in a state up to here.',
      example: 'expect violated NO-HUGETLB-IN-GMEM for A B',
    },
    {
      kind: 'invariant',
      make: (values) => ({ kind: 'invariant', name: values.text('name'), held: false }),
      values: (each) => (each.kind === 'invariant' && !each.held ? { name: each.name } : null),
    },
  ),
  expectationRow(
    {
      word: 'expect state',
      pattern: `expect state <file:file> <range:pages> <property:property> <value:property-value> ${FOR}`,
      meaning: 'Every page of the range has this property.',
      example: 'expect state gmem0 page 0 mapped 0',
    },
    {
      kind: 'state',
      make: (values) => ({
        kind: 'state',
        file: values.text('file'),
        ...values.range('range'),
        property: values.text('property'),
        value: values.text('value'),
      }),
      values: (each) =>
        each.kind === 'state'
          ? { file: each.file, range: { from: each.from, to: each.to }, property: each.property, value: each.value }
          : null,
    },
  ),
  expectationRow(
    {
      word: 'expect',
      pattern: `expect <error:error> [at <at:bytes>] ${FOR}`,
      meaning: 'The step above fails with this error; `at`: the byte offset in the file at which it stopped.',
      example: 'expect EAGAIN at 0 for B C D',
    },
    {
      kind: 'error',
      make: (values) => {
        const at = values.maybeNumber('at');
        return { kind: 'error', error: values.maybeWord('error', ERROR_NAMES) ?? null, ...(at === undefined ? {} : { at }) };
      },
      values: (each) => (each.kind === 'error' && each.error !== null ? { error: each.error, at: each.at } : null),
    },
  ),
];
