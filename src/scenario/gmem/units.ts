/** Numbers, sizes and times as a scenario writes them. */

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  K: 2 ** 10,
  KiB: 2 ** 10,
  M: 2 ** 20,
  MiB: 2 ** 20,
  G: 2 ** 30,
  GiB: 2 ** 30,
  T: 2 ** 40,
  TiB: 2 ** 40,
};
const TIME_UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000 };

export const PAGE = 4096;
/** No host has more; what is above is a slip of the pen. */
export const MOST_BYTES = 2 ** 50;

/** A number and the unit behind it, empty where there is none; null where the text is no number. */
function parted(text: string): { readonly value: number; readonly unit: string } | null {
  const match = /^(-?)(\d[\d_]*(?:\.\d[\d_]*)?)([A-Za-z]*)$/.exec(text);
  if (match === null) return null;
  const [, sign = '', digits = '', unit = ''] = match;
  const value = Number(digits.replaceAll('_', ''));
  return { value: sign === '-' ? -value : value, unit };
}

/** A whole number without a unit; null where it is none. */
export function countOf(text: string): number | null {
  const read = parted(text);
  return read !== null && read.unit === '' ? whole(read.value) : null;
}

/** A number without a unit, with a sign and decimals where there are any. */
export function numberOf(text: string): number | null {
  const read = parted(text);
  return read !== null && read.unit === '' && Number.isFinite(read.value) ? read.value + 0 : null;
}

/** *Units* bytes. A number without a unit is bytes. */
export function bytesOf(text: string): number | null {
  const read = parted(text);
  const unit = read === null ? undefined : read.unit === '' ? 1 : SIZE_UNITS[read.unit];
  return read === null || unit === undefined ? null : whole(read.value * unit);
}

/** *Units* pages of 4 KiB. A number without a unit is pages, one with a unit is bytes that make whole pages. */
export function pagesOf(text: string): number | null {
  const read = parted(text);
  if (read === null) return null;
  if (read.unit === '') return whole(read.value);
  const bytes = bytesOf(text);
  return bytes === null ? null : whole(bytes / PAGE);
}

/** Pages as a size where that is short, else as a number. */
export const pagesText = (pages: number): string => (pages > 0 && pages % (2 ** 20 / PAGE) === 0 ? bytesText(pages * PAGE) : String(pages));

/** *Units* microseconds. */
export function timeOf(text: string): number | null {
  const read = parted(text);
  const unit = read === null ? undefined : TIME_UNITS[read.unit];
  return read === null || unit === undefined ? null : whole(read.value * unit);
}

const whole = (value: number): number | null => (Number.isInteger(value) && value >= 0 ? value + 0 : null);

export const bytesText = (bytes: number): string => inUnits(bytes, ['TiB', 'GiB', 'MiB', 'KiB'], SIZE_UNITS, '');

export const timeText = (time: number): string => inUnits(time, ['s', 'ms'], TIME_UNITS, 'us');

function inUnits(value: number, names: readonly string[], units: Readonly<Record<string, number>>, least: string): string {
  if (value === 0) return `0${least}`;
  const name = names.find((each) => value % (units[each] ?? 1) === 0);
  return name === undefined ? `${value}${least}` : `${value / (units[name] ?? 1)}${name}`;
}

/** `[0, 16GiB)` where that is short, else pages. */
export function rangeText(from: number, to: number): string {
  if (to === from + 1) return `page ${from}`;
  const mebi = 2 ** 20 / PAGE;
  return from % mebi === 0 && to % mebi === 0 ? `[${bytesText(from * PAGE)}, ${bytesText(to * PAGE)})` : `pages ${from}..${to}`;
}
