/** The id that git gives to a file's content. */
import { createHash } from 'node:crypto';

/** Of a text in UTF-8, which is what the reader sees of a file. */
export function blobId(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
