/** The toolbar's icons: strokes on a 16-pixel square, in the colour of the text around them. */
import { svg } from './dom';

const STROKES = {
  run: ['M4 3 L12.5 8 L4 13 Z'],
  pause: ['M5 3 V13', 'M11 3 V13'],
  step: ['M8 2 V9', 'M5 6.5 L8 9.5 L11 6.5', 'M7.2 13 h1.6'],
  'step-over': ['M2.5 9 C3 2.5 13 2.5 13.5 8.5', 'M10.5 6.5 L13.6 9 L15 5.6', 'M7.2 12.5 h1.6'],
  'step-out': ['M8 10 V3', 'M5 5.5 L8 2.5 L11 5.5', 'M7.2 13 h1.6'],
  'step-back': ['M13.5 9 C13 2.5 3 2.5 2.5 8.5', 'M1 5.6 L2.4 9 L5.5 6.5', 'M7.2 12.5 h1.6'],
  'to-start': ['M3.5 3 V13', 'M13 3 L6 8 L13 13 Z'],
  restart: ['M12.6 5.5 A5.4 5.4 0 1 0 13.4 8.6', 'M13.2 2.5 V5.8 H9.9'],
  error: ['M8 2 A6 6 0 1 0 8.01 2', 'M5.8 5.8 L10.2 10.2', 'M10.2 5.8 L5.8 10.2'],
  warning: ['M8 2.2 L14.5 13.5 H1.5 Z', 'M8 6.5 V9.8', 'M8 11.2 v.8'],
  question: ['M8 2 A6 6 0 1 0 8.01 2', 'M6.3 6.4 C6.4 4.4 9.8 4.6 9.6 6.6 C9.5 7.8 8 7.9 8 9.2', 'M8 11 v.7'],
  done: ['M8 2 A6 6 0 1 0 8.01 2', 'M5.2 8.2 L7.2 10.2 L10.8 6'],
  at: ['M3 4 H9 L13 8 L9 12 H3 Z'],
  fold: ['M4 6 L8 10 L12 6'],
} as const;

export type IconName = keyof typeof STROKES;

/** Decoration: what it means is said by the text or label beside it. */
export function icon(name: IconName): SVGSVGElement {
  const paths = STROKES[name].map((d) => svg('path', { d }));
  return svg(
    'svg',
    { viewBox: '0 0 16 16', width: 16, height: 16, class: `icon icon-${name}`, 'aria-hidden': 'true', focusable: 'false' },
    ...paths,
  );
}
