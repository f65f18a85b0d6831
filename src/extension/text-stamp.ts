/** A short name for a text, to see that it is another. */

/** @returns length and FNV-1a of the UTF-16 units: `120-0badf00d` */
export function textStamp(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `${text.length}-${(hash >>> 0).toString(16).padStart(8, '0')}`;
}
