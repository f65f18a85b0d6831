import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExplorationReport, ExploredFinding, TraceEntry } from '../../../src/protocol/exploration';
import { textStamp } from '../../../src/extension/text-stamp';
import { witnessText } from '../../../src/extension/witness-text';
import { defaultScenario } from '../../../src/scenario/defaults';

const place = { task: 0, function: 'f_split', file: 'mm/demo.c', line: 12 };
const entry = (text: string, step: number): TraceEntry => ({ ...place, step, text });
const finding = (trace: readonly TraceEntry[], message = 'P0 waits for a lock that it holds.'): ExploredFinding => ({
  ...place,
  step: 9,
  kind: 'self-deadlock',
  message,
  state: 'whole',
  scenario: { ...defaultScenario, order: 2 },
  then: ['f_split'],
  choices: [1],
  trace,
});
const report: ExplorationReport = {
  function: 'f_split',
  file: 'mm/demo.c',
  line: 10,
  verdict: 'violated',
  because: [],
  bounds: '3 paths of one task, at order 2.',
  findings: [],
  fidelity: [],
  unknowns: [],
  states: [],
  unfit: [],
  assumptions: ['the folio is locked, because the code asks for it.'],
  paths: 3,
  steps: 40,
};

describe('the draft of a remark', () => {
  it('tells what was met, in which state, how, and within which bounds', () => {
    const text = witnessText(report, finding([entry('choice: kmalloc: fails', 4), entry('lock: folio lock', 6)]));
    expect(text).toContain('f_split(), then f_split() meets a self-deadlock here');
    expect(text).toContain('state "whole", huge pages of order 2');
    expect(text).toMatch(/^ {2}1\. choice: kmalloc: fails \[f_split\(\), demo\.c:12\]$/m);
    expect(text).toContain('Taken as given: the folio is locked');
    expect(text).toContain('3 paths of one task');
    expect(text).not.toMatch(/\b(safe|proved|correct)\b/);
  });

  it('keeps every choice, and of many events the last', () => {
    const events = Array.from({ length: 30 }, (_, at) => entry(`lock: event ${at}`, at + 2));
    const text = witnessText(report, finding([entry('choice: kmalloc: fails', 1), ...events]));
    expect(text).toContain('choice: kmalloc: fails');
    expect(text).toContain('event 29');
    expect(text).not.toContain('event 5 ');
  });

  it('has no line over 75 columns, whatever was met', () => {
    const words = fc.array(fc.stringMatching(/^[a-z()0-9_]{1,40}$/), { maxLength: 60 }).map((list) => list.join(' '));
    fc.assert(
      fc.property(words, fc.array(words, { maxLength: 12 }), (message, texts) => {
        const text = witnessText(
          report,
          finding(
            texts.map((one, at) => entry(`choice: ${one}`, at)),
            message,
          ),
        );
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
      }),
    );
  });
});

describe('the stamp of a text', () => {
  it('is another for another text', () => {
    expect(textStamp('int a;\n')).toBe(textStamp('int a;\n'));
    expect(textStamp('int a;\n')).not.toBe(textStamp('int b;\n'));
    expect(textStamp('')).not.toBe(textStamp(' '));
  });
});
