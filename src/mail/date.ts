/** Dates of mail headers, without the machine's clock or time zone. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const TITLE = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** RFC 5322 4.3; other letters mean "no information", `-0000`. */
const ZONES: Readonly<Record<string, string>> = {
  UT: '+00:00',
  GMT: '+00:00',
  Z: '+00:00',
  EST: '-05:00',
  EDT: '-04:00',
  CST: '-06:00',
  CDT: '-05:00',
  MST: '-07:00',
  MDT: '-06:00',
  PST: '-08:00',
  PDT: '-07:00',
};

const two = (n: number | string): string => String(n).padStart(2, '0');

/**
 * A Date header as ISO 8601 with the sender's own offset: `2024-09-11T08:56:29+02:00`; '' where it is no date.
 *
 * *Source* RFC 5322 3.3 and 4.3.
 */
export function isoOfMailDate(value: string): string {
  const plain = value.slice(0, 200).replace(/\([^)]*\)/g, ' ');
  const match = /(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([+-]\d{4}|[A-Za-z]{1,5})?/.exec(plain);
  if (match === null) return '';
  const [, day = '', monthName = '', yearText = '', hour = '', minute = '', second = '00', zoneText = ''] = match;
  const month = MONTHS.indexOf(monthName.toLowerCase()) + 1;
  const year = yearText.length === 4 ? Number(yearText) : Number(yearText) + (yearText.length === 2 && Number(yearText) < 50 ? 2000 : 1900);
  if (month === 0 || Number(day) < 1 || Number(day) > daysIn(year, month)) return '';
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return '';
  const zone = /^[+-]/.test(zoneText) ? `${zoneText.slice(0, 3)}:${zoneText.slice(3)}` : (ZONES[zoneText.toUpperCase()] ?? '+00:00');
  if (Number(zone.slice(1, 3)) > 23 || Number(zone.slice(4)) > 59) return '';
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${Number(second) === 60 ? '59' : second}${zone}`;
}

/**
 * An ISO 8601 date (with offset or `Z`) as a Date header: `Wed, 11 Sep 2024 08:56:29 +0200`; null where it is not one.
 *
 * *Source* RFC 5322 3.3.
 */
export function mailDateOfIso(iso: string): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.exec(iso);
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00', zone = ''] = match;
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > daysIn(Number(year), Number(month))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const offset = zone === 'Z' ? '+0000' : zone.replace(':', '');
  if (Number(offset.slice(1, 3)) > 23 || Number(offset.slice(3)) > 59) return null;
  const weekday = DAYS[new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay()] ?? '';
  return `${weekday}, ${Number(day)} ${TITLE[Number(month) - 1] ?? ''} ${year} ${hour}:${minute}:${second} ${offset}`;
}

/** The instant of an ISO date in milliseconds, or NaN: for putting mails in order. */
export const instantOf = (iso: string): number => (iso === '' ? Number.NaN : Date.parse(iso));

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
