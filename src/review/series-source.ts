/** What a user means by the source of a series: a message-id in any of the forms in which people pass it on. */

/**
 * The message-id in `id@host`, `<id@host>`, `mid:…`, or a URL of a public-inbox archive (`/all/ID/`, `/r/ID`, `/LIST/ID/T/#t`, `/LIST/ID/raw` …);
 * null where the text names none.
 *
 * *Source* the URL forms of public-inbox; RFC 2392 (`mid:`); RFC 5322 3.6.4.
 */
export function messageIdIn(source: string): string | null {
  const text = source.trim();
  if (text.length > MAX_LENGTH) return null;
  const url = /^https?:\/\/[^/]+\/([^?#]*)/i.exec(text);
  if (url !== null) {
    for (const part of (url[1] ?? '').split('/')) {
      const id = idOf(unescaped(part));
      if (id !== null) return id;
    }
    return null;
  }
  if (/^(?:mid|id|message-id):/i.test(text)) return idOf(unescaped(text.replace(/^[a-z-]+:\s*/i, '')));
  // With a slash and without brackets it is rather a path that is not there.
  return text.includes('/') && !text.startsWith('<') ? null : idOf(text);
}

/** Longer ids are not made by mailers. */
const MAX_LENGTH = 2000;

function idOf(text: string): string | null {
  const bare = text.replace(/^<(.*)>$/, '$1');
  return /^[^\s<>@\\]+@[^\s<>@/\\]+$/.test(bare) ? bare : null;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
