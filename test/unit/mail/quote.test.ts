import { describe, expect, it } from 'vitest';
import { bodyLines, passagesOf, trailersOf, unquoted } from '../../../src/mail/quote';

const kinds = (body: string): string[] => bodyLines(body).map((line) => `${line.kind}${line.level > 0 ? line.level : ''}`);

describe('bodyLines', () => {
  it('tells quotes, attributions, trailers and the signature apart', () => {
    const body = [
      'On Tue, 10 Sep 2024, Ada Field wrote:',
      '> On Mon, Bo Gray wrote:',
      '> > +\tcode();',
      '>',
      '> Agreed.',
      '',
      'Me too.',
      'Reviewed-by: Cy Hill <cy@example.org>',
      '-- ',
      'Cy',
      '> not a quote here',
    ].join('\n');
    expect(kinds(body)).toEqual([
      'attribution',
      'attribution1',
      'quote2',
      'quote1',
      'quote1',
      'blank',
      'text',
      'trailer',
      'signature',
      'signature',
      'signature',
    ]);
    expect(bodyLines(body)[2]).toEqual({ kind: 'quote', level: 2, text: '+\tcode();' });
  });

  it('knows an attribution over two lines', () => {
    expect(kinds('On Fri, Sep 20, 2024 at 11:17 AM Ada Field\n<ada@example.org> wrote:\n> x\n')).toEqual([
      'attribution',
      'attribution',
      'quote1',
    ]);
  });

  it('takes no prose for an attribution', () => {
    expect(kinds('This is what the manual said:\nthat it works.\n')).toEqual(['text', 'text']);
  });

  it('keeps diff lines within quotes whole', () => {
    expect(unquoted('> >  \tif (x > y)')).toEqual({ level: 2, text: ' \tif (x > y)' });
    expect(unquoted('>>> x')).toEqual({ level: 3, text: 'x' });
    expect(unquoted('a > b')).toEqual({ level: 0, text: 'a > b' });
    expect(unquoted(' > indented')).toEqual({ level: 0, text: ' > indented' });
  });

  it('joins lines of one kind into passages', () => {
    expect(passagesOf('> a\n> b\n\nc\nd\n').map(({ kind, from, lines }) => ({ kind, from, lines }))).toEqual([
      { kind: 'quote', from: 0, lines: ['a', 'b'] },
      { kind: 'blank', from: 2, lines: [''] },
      { kind: 'text', from: 3, lines: ['c', 'd'] },
    ]);
  });
});

describe('trailersOf', () => {
  it('gives the writer’s own trailers only', () => {
    const body =
      '> Signed-off-by: Ada Field <ada@example.org>\n\nNote: this is text.\nTested-by: Bo Gray <bo@example.org> # on a lake\nFixes: 012345678901 ("x")\n';
    expect(trailersOf(body)).toEqual([
      { name: 'Tested-by', value: 'Bo Gray <bo@example.org> # on a lake' },
      { name: 'Fixes', value: '012345678901 ("x")' },
    ]);
  });
});
