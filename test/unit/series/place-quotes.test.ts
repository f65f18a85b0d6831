import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../src/mail/message';
import { placedReplies } from '../../../src/series/place-quotes';
import { seriesOf } from '../../../src/series/series-of';
import { bytesOf, mail, mailText } from '../mail/mails';

const PATCH = mailText({
  id: 'p',
  subject: '[PATCH] KVM: split',
  body: [
    'Split early, because it is simpler.',
    '---',
    'diff --git a/virt/x.c b/virt/x.c',
    'index 1..2 100644',
    '--- a/virt/x.c',
    '+++ b/virt/x.c',
    '@@ -10,6 +10,9 @@ int f(void)',
    ' {',
    ' \tint ret;',
    ' ',
    '-\tret = old();',
    '+\tret = split(folio);',
    '+\tif (ret)',
    '+\t\treturn ret;',
    '+',
    ' \treturn 0;',
    ' }',
    'diff --git a/mm/y.c b/mm/y.c',
    '--- a/mm/y.c',
    '+++ b/mm/y.c',
    '@@ -1,3 +1,4 @@',
    ' {',
    '+\tif (folio_test_hugetlb(folio) && vma_is_shared(vma) && something_more(vma))',
    ' \treturn 0;',
    ' }',
    '-- ',
    '2.46',
    '',
  ].join('\n'),
});

async function placed(body: string) {
  const message = await parseMessage(bytesOf(PATCH));
  const patch = seriesOf([message]).series[0]!.patches[0]!;
  const reply = await mail({ id: 'r', subject: 'Re: [PATCH] KVM: split', inReplyTo: 'p', body });
  return placedReplies(reply, patch).map(({ file, side, line, quoted, says }) => ({ at: `${file}:${side}:${line}`, quoted, says }));
}

describe('placedReplies', () => {
  it('places what is said under the last quoted line', async () => {
    const body =
      'On Tue, Ada Field wrote:\n> diff --git a/virt/x.c b/virt/x.c\n> @@ -10,6 +10,9 @@ int f(void)\n> -\tret = old();\n> +\tret = split(folio);\n\nWho unlocks it?\n\nAnd when?\n\n> +\tif (ret)\n> +\t\treturn ret;\n\nLeaks.\n';
    expect(await placed(body)).toEqual([
      { at: 'virt/x.c:new:13', quoted: '\tret = split(folio);', says: 'Who unlocks it?\n\nAnd when?' },
      { at: 'virt/x.c:new:15', quoted: '\t\treturn ret;', says: 'Leaks.' },
    ]);
  });

  it('places removed lines on the old side', async () => {
    expect(await placed('> -\tret = old();\n\nWhy?\n')).toMatchObject([{ at: 'virt/x.c:old:13' }]);
  });

  it('tells lines that are alike by their neighbours', async () => {
    expect(await placed('> --- a/mm/y.c\n> +++ b/mm/y.c\n> @@ -1,3 +1,4 @@\n>  {\n\nHere.\n')).toMatchObject([{ at: 'mm/y.c:new:1' }]);
    expect(await placed('> +\n>  \treturn 0;\n\nHere.\n')).toMatchObject([{ at: 'virt/x.c:new:17' }]);
  });

  it('stands changed blanks and wrapped quotes', async () => {
    const body =
      '>+    ret  = split(folio);\n\nOne.\n\n> +\tif (folio_test_hugetlb(folio) && vma_is_shared(vma) &&\n> something_more(vma))\n\nTwo.\n';
    expect(await placed(body)).toMatchObject([
      { at: 'virt/x.c:new:13', says: 'One.' },
      { at: 'mm/y.c:new:2', says: 'Two.' },
    ]);
  });

  it('goes on with the line that an earlier answer spoke of', async () => {
    expect(await placed('> > +\tif (ret)\n> > +\t\treturn ret;\n>\n> Leaks.\n\nIt does not.\n')).toMatchObject([
      { at: 'virt/x.c:new:15', says: 'It does not.' },
    ]);
    expect(await placed('> > +\tif (ret)\n> > +\t\treturn ret;\n\nStill leaks.\n')).toMatchObject([{ at: 'virt/x.c:new:15' }]);
  });

  it('places nothing that quotes prose, nothing or dots', async () => {
    expect(await placed('> Split early, because it is simpler.\n\nIs it?\n')).toEqual([]);
    expect(await placed('Fine.\n')).toEqual([]);
    expect(await placed('> +\tif (ret)\n[...]\n> +\n')).toEqual([]);
  });

  it('leaves the word for a cut out of the remark beside it', async () => {
    const [leak] = await placed('> +\tif (ret)\n\nThis leaks.\n\n[snip]\n> +\n');
    expect(leak).toMatchObject({ says: 'This leaks.' });
    expect(await placed('> +\tif (ret)\n[...]\nThis [...] leaks.\n...\n')).toMatchObject([{ says: 'This [...] leaks.' }]);
  });
});
