import { describe, expect, it } from 'vitest';
import { lookOf, returnedText, scenarioText, sizeOfPages, statusWords } from '../../../webview-ui/words';

const place = { task: 0, function: 'f', file: 'mm/a.c', line: 3 };

describe('the words', () => {
  it('name the errno of a result', () => {
    expect(returnedText('-12')).toBe('-12 (-ENOMEM)');
    expect(returnedText('-133')).toBe('-133 (-EHWPOISON)');
    expect(returnedText('0')).toBe('0');
    expect(returnedText('-4000')).toBe('-4000');
    expect(returnedText('')).toBe('nothing');
    expect(returnedText('-131391635992576')).toBe('0xffff88800035d000');
    expect(returnedText('9223372036854775807')).toBe('9223372036854775807');
  });

  it('say how a run stands', () => {
    expect(statusWords({ kind: 'returned', value: '-12' }, place, 9).text).toBe('returned -12 (-ENOMEM)');
    const finding = { ...place, step: 4, kind: 'self-deadlock' as const, message: 'P0 waits for itself' };
    expect(statusWords({ kind: 'stopped', finding }, place, 9)).toMatchObject({ text: 'stopped: self-deadlock: P0 waits for itself' });
    expect(statusWords({ kind: 'undecided', why: 'foo() is not known', place }, place, 9).text).toBe(
      'undecided, because foo() is not known',
    );
    expect(statusWords({ kind: 'running' }, place, 0).text).toBe('at the entry of f()');
  });

  it('give sizes in the unit that is whole', () => {
    expect([1, 16, 512, 2 ** 18, 3].map(sizeOfPages)).toEqual(['4 KiB', '64 KiB', '2 MiB', '1 GiB', '12 KiB']);
  });

  it('tell the looks of folios apart', () => {
    expect(lookOf({ type: 'hugetlb', owner: 'hugetlb' }).look).toBe('hugetlb-free');
    expect(lookOf({ type: 'hugetlb', owner: 'page cache' }).look).toBe('hugetlb');
    expect(lookOf({ type: 'folio', owner: 'page cache' }).look).toBe('cache');
    expect(lookOf({ type: 'folio', owner: 'nobody' }).look).toBe('folio');
    expect(lookOf({ type: 'folio', owner: 'free' }).look).toBe('other');
    expect(lookOf({ type: 'frozen', owner: 'page cache' }).look).toBe('frozen');
    expect(lookOf({ type: 'tail', owner: 'page cache' }).look).toBe('tail');
  });

  it('put a scenario in one line', () => {
    const scenario = { order: 18, blocks: 1, folios: 'whole', faultable: 'none', hvo: true, arguments: { index: '3', end: '' } } as const;
    expect(scenarioText(scenario, 2)).toBe(
      'order 18 (1 GiB) · 1 block · folios whole · faultable none · HVO · index = 3 · allocation 2 fails',
    );
  });
});
