/** Ranges of a file: `pages 0..512`, `page 7`, `[0, 2GiB)`, `block 3`, `blocks 0..4`, `all`. */
import { ORDERS } from '../../model/host/operation';
import type { ArgumentReader } from './argument-reader';
import { shown } from './problem';
import { bytesOf, bytesText, countOf, PAGE, pagesOf } from './units';

interface Range {
  readonly from: number;
  readonly to: number;
}

const FORMS = 'a range: pages 0..512, page 7, [0, 2GiB), block 3, blocks 0..4 or all';
export const RANGE_WORDS = ['pages', 'page', 'block', 'blocks', 'all'];

/** *Units* pages of 4 KiB. */
export function readPages(reader: ArgumentReader): Range | null {
  const start = reader.at;
  const range = readBytes(reader);
  if (range === null) return null;
  if (range.from % PAGE === 0 && range.to % PAGE === 0) return { from: range.from / PAGE, to: range.to / PAGE };
  reader.refuseAt(reader.spanFrom(start), 'The range cuts a page of 4 KiB.', 'Let it begin and end at multiples of 4K.');
  return null;
}

/** *Units* bytes. Within the file that the line names. */
export function readBytes(reader: ArgumentReader): Range | null {
  const start = reader.at;
  const file = reader.scope.files.get(fileOf(reader));
  const blockBytes = PAGE * 2 ** ORDERS[file?.pageSize ?? '1G'];
  const range = readForm(reader, blockBytes, file?.size ?? null);
  if (range === null) return null;
  const span = reader.spanFrom(start);
  if (range.to <= range.from) {
    reader.refuseAt(span, 'The range is empty or runs backwards.', 'Let it end behind its beginning; the end itself is not part of it.');
    return null;
  }
  if (file !== undefined && range.to > file.size) {
    reader.refuseAt(
      span,
      `The range ends at ${bytesText(range.to)}, and the file has ${bytesText(file.size)}.`,
      'Keep it inside the file, or create a larger one.',
    );
    return null;
  }
  return range;
}

const fileOf = (reader: ArgumentReader): string => {
  const { file } = reader.values;
  return typeof file === 'string' ? file : '';
};

function readForm(reader: ArgumentReader, blockBytes: number, size: number | null): Range | null {
  if (reader.accept('all')) {
    // The name of the file was wrong, which is said already.
    return { from: 0, to: size ?? blockBytes };
  }
  if (reader.accept('page')) return one(reader, PAGE);
  if (reader.accept('block')) return one(reader, blockBytes);
  if (reader.accept('pages')) return scaled(fromTo(reader, pagesOf), PAGE);
  if (reader.accept('blocks')) return scaled(fromTo(reader, countOf), blockBytes);
  if (reader.accept('[')) {
    const from = numeral(reader, bytesOf);
    if (from === null || !reader.expect(',')) return null;
    const to = numeral(reader, bytesOf);
    return to === null || !reader.expect(')') ? null : { from, to };
  }
  const token = reader.take(['word'], FORMS);
  if (token !== null) reader.refuseWord(token, FORMS, RANGE_WORDS);
  return null;
}

function one(reader: ArgumentReader, unit: number): Range | null {
  const index = numeral(reader, countOf);
  return index === null ? null : scaled({ from: index, to: index + 1 }, unit);
}

function fromTo(reader: ArgumentReader, read: (text: string) => number | null): Range | null {
  const from = numeral(reader, read);
  if (from === null || !reader.expect('..')) return null;
  const to = numeral(reader, read);
  return to === null ? null : { from, to };
}

const scaled = (range: Range | null, unit: number): Range | null => range && { from: range.from * unit, to: range.to * unit };

function numeral(reader: ArgumentReader, read: (text: string) => number | null): number | null {
  const token = reader.take(['number'], 'a number');
  if (token === null) return null;
  const value = read(token.text);
  if (value !== null) return value;
  reader.refuseAt(
    reader.spanOf(token),
    `"${shown(token.text)}" cannot stand here.`,
    'Write a whole number, or a size such as 64MiB in brackets.',
  );
  return null;
}
