import { describe, expect, it } from 'vitest';
import { mboxOf, splitMbox } from '../../../src/mail/mbox';
import { bytesOf, mailText, textOf } from './mails';

const split = (text: string): string[] => splitMbox(bytesOf(text)).messages.map(textOf);
const codes = (text: string): string[] => splitMbox(bytesOf(text)).problems.map((problem) => problem.code);
const LORE = 'From mboxrd@z Thu Jan  1 00:00:00 1970\n';
const GIT = 'From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n';

describe('splitMbox', () => {
  it('cuts at separators and leaves the blank line before each out', () => {
    expect(split(`${LORE}Subject: a\n\none\n\n${LORE}Subject: b\n\ntwo\n`)).toEqual(['Subject: a\n\none\n', 'Subject: b\n\ntwo\n']);
  });

  it('undoes one level of mboxrd quoting on every depth', () => {
    expect(split(`${LORE}Subject: a\n\n>From here\n>>From there\n> From a quote\n`)).toEqual([
      'Subject: a\n\nFrom here\n>From there\n> From a quote\n',
    ]);
  });

  it('undoes mboxo quoting only on the first depth', () => {
    expect(split('From ada@example.org Tue Sep 10 23:43:31 2024\nSubject: a\n\n>From here\n>>From there\n')).toEqual([
      'Subject: a\n\nFrom here\n>>From there\n',
    ]);
  });

  it('leaves what git format-patch wrote as it is', () => {
    expect(split(`${GIT}Subject: a\n\n>From here\n`)).toEqual(['Subject: a\n\n>From here\n']);
  });

  it('does not cut at prose that begins with From', () => {
    expect(split(`${LORE}Subject: a\n\nFrom what I see, at 10:30 it works.\n`)).toHaveLength(1);
  });

  it('keeps CRLF within mails', () => {
    expect(
      split(`${LORE.replace('\n', '\r\n')}Subject: a\r\n\r\none\r\n\r\n${LORE.replace('\n', '\r\n')}Subject: b\r\n\r\ntwo\r\n`),
    ).toEqual(['Subject: a\r\n\r\none\r\n', 'Subject: b\r\n\r\ntwo\r\n']);
  });

  it('takes one bare mail, also after a byte order mark and blank lines', () => {
    const text = mailText({ subject: 'x' });
    expect(split(text)).toEqual([text]);
    expect(split(`\ufeff\n\n${text}`)).toEqual([text]);
  });

  it.each([
    ['', 'empty file'],
    ['int main(void)\n{\n}\n', 'C'],
    ['<!DOCTYPE html>\n<html></html>\n', 'HTML'],
    ['{"a": 1}\n', 'JSON'],
    ['note: this is\nnot a mail\n', 'text with a colon'],
    ['\u001f\u008b\u0008\u0000', 'gzip'],
    [LORE, 'a separator alone'],
  ])('says that %j is no mbox (%s)', (text) => {
    expect(split(text)).toEqual([]);
    expect(codes(text)).toEqual(['mail/not-mbox']);
  });

  it('shows what it met', () => {
    expect(splitMbox(bytesOf('int main(void)\n')).problems[0]?.message).toContain('"int main(void)"');
  });
});

describe('mboxOf', () => {
  it('gives a box that splits into the same mail, also one that holds separators', () => {
    const text = mailText({ subject: 'x', body: `${GIT}From me\n>From you\n` });
    const box = mboxOf(bytesOf(text));
    expect(splitMbox(box).messages.map(textOf)).toEqual([text]);
    const two = bytesOf(textOf(box) + textOf(box));
    expect(splitMbox(two).messages.map(textOf)).toEqual([text, text]);
  });
});
