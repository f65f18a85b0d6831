/** The run as a slider: every step seen so far, with its findings marked. */
import type { RunFinding } from '../../src/protocol/simulation';
import { el, fill, setText } from '../dom';
import { count, placeText } from '../words';
import type { Actions, Part } from './part';

export function timeline(actions: Actions): Part {
  const slider = el('input', {
    class: 'timeline-slider',
    label: 'Step of the run',
    attributes: { type: 'range', min: '0', max: '0', step: '1' },
  });
  const marks = el('div', { class: 'timeline-marks' });
  const text = el('output', { class: 'timeline-text' });
  let dragging = false;
  let ended = false;
  slider.addEventListener('input', () => {
    dragging = true;
    setText(text, stepText(Number(slider.value), Number(slider.max), ended));
    actions.goTo(Number(slider.value));
  });
  slider.addEventListener('change', () => {
    dragging = false;
  });
  const markOf = (finding: RunFinding, last: number): HTMLElement => {
    const button = el('button', {
      class: 'timeline-mark',
      label: `Go to ${finding.kind} at step ${count(finding.step)}`,
      title: `${finding.kind}: ${finding.message} (${placeText(finding)})`,
      attributes: { type: 'button' },
      click: () => {
        // One further: the step that meets it is done.
        actions.goTo(finding.step + 1);
        actions.reveal(finding);
      },
    });
    button.style.setProperty('--at', String(last > 0 ? finding.step / last : 0));
    return button;
  };
  return {
    element: el('div', { class: 'timeline' }, el('div', { class: 'timeline-track' }, slider, marks), text),
    update(session) {
      const step = session.busy?.steps || (session.view?.step ?? 0);
      const last = Math.max(session.known, step, 0);
      ended = session.end !== null;
      slider.max = String(last);
      if (!dragging) slider.value = String(step);
      slider.setAttribute('aria-valuetext', `step ${count(step)} of ${count(last)}`);
      if (!dragging) setText(text, stepText(step, last, ended));
      fill(marks, apart(session.findings, last), (one) => `${one.step} ${last} ${one.kind} ${one.message}`, (one) => markOf(one, last)); // prettier-ignore
    },
  };
}

/** Before the end was seen nobody knows how long the run is. */
function stepText(step: number, last: number, ended: boolean): string {
  if (ended) return `step ${count(step)} of ${count(last)}`;
  return last > step ? `step ${count(step)} of ${count(last)} seen` : `step ${count(step)}`;
}

/** Marks closer than this part of the timeline are one. */
const CLOSEST = 1 / 200;

/** The findings that are far enough apart to be hit by the pointer: the first of each place. */
function apart(findings: readonly RunFinding[], last: number): readonly RunFinding[] {
  let taken = -Infinity;
  return findings.filter((one) => {
    const free = one.step - taken > last * CLOSEST;
    if (free) taken = one.step;
    return free;
  });
}
