/** Where the run is, how it ended, and under which bounds that was seen. */
import { el, fill, setText } from '../dom';
import { icon, type IconName } from '../icons';
import type { Busy, Session } from '../session';
import { boundsBefore, count, many, statusWords, type StatusWords } from '../words';
import { placeLink, type Actions, type Part } from './part';

interface Line {
  readonly tone: StatusWords['tone'] | 'returned-with-findings' | 'busy' | 'problem';
  readonly text: string;
  readonly place: StatusWords['place'];
}

const ICONS: Readonly<Record<Line['tone'], IconName>> = {
  running: 'at',
  busy: 'run',
  returned: 'done',
  'returned-with-findings': 'warning',
  stopped: 'error',
  undecided: 'question',
  problem: 'error',
};

export function statusLine(actions: Actions): Part {
  const mark = el('span', { class: 'status-mark' });
  const text = el('span', { class: 'status-text', role: 'status', attributes: { 'aria-live': 'polite' } });
  const where = el('span', { class: 'status-place' });
  const bounds = el('p', { class: 'bounds' });
  const found = el('span', { class: 'status-found' });
  const line = el('div', { class: 'status' }, mark, text, found, where);
  let drawn = '';
  return {
    element: el('div', { class: 'status-block' }, line, bounds),
    update(session) {
      const now = lineOf(session);
      if (drawn !== now.tone) {
        line.dataset['tone'] = now.tone;
        mark.replaceChildren(icon(ICONS[now.tone]));
        drawn = now.tone;
      }
      setText(text, now.text);
      setText(found, session.findings.length > 0 ? many(session.findings.length, 'finding') : '');
      const places = now.place ? [now.place] : [];
      fill(where, places, (place) => `${place.file}:${place.line}`, (place) => placeLink(place, actions)); // prettier-ignore
      const unknowns = session.end?.unknowns ?? [];
      const unknown = unknowns.length > 0 ? ` Unknown: ${unknowns.join(', ')}.` : '';
      setText(bounds, (session.end?.bounds ?? boundsBefore(session.setup)) + unknown);
    },
  };
}

function lineOf({ problem, busy, view, setup, findings }: Session): Line {
  if (problem !== '') return { tone: 'problem', text: problem, place: null };
  if (busy) return { tone: 'busy', text: busyText(busy), place: null };
  if (!view) return { tone: 'busy', text: `loading ${setup.function}()`, place: null };
  const words = statusWords(view.status, view.place, view.step);
  return words.tone === 'returned' && findings.length > 0 ? { ...words, tone: 'returned-with-findings' } : words;
}

function busyText({ what, steps, silent }: Busy): string {
  if (steps > 0) return `${what}: ${count(steps)} steps`;
  return silent ? `${what}: this takes long; Restart ends it` : what;
}
