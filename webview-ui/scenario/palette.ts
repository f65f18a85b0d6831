/** Colours and patterns of the map's looks, from the editor's theme: no look is told by colour alone. */
import type { MapColour } from '../../src/protocol/scenario-page';
import { COLOURINGS, POOL_BASE, POOL_LOOKS, type MapLook } from '../../src/review/scenario-map';

type Grain = 'plain' | 'diagonal' | 'back-diagonal' | 'dots' | 'bars' | 'lines' | 'cross';

interface Tone {
  /** Name of the theme's colour; empty: the background. */
  readonly tint: string;
  /** Part of the tint in the fill. */
  readonly strength: number;
  readonly grain: Grain;
}

const tone = (tint: string, grain: Grain = 'plain', strength = 0.55): Tone => ({ tint, grain, strength });

const BLUE = 'charts-blue';
const GREEN = 'charts-green';
const YELLOW = 'charts-yellow';
const ORANGE = 'charts-orange';
const RED = 'charts-red';
const PURPLE = 'charts-purple';
const DIM = 'descriptionForeground';
const EMPTY = tone(DIM, 'plain', 0.1);

/** One tone a look, in the order of the colouring's looks. */
const TONES: Readonly<Record<MapColour, readonly Tone[]>> = {
  block: [EMPTY, tone(BLUE), tone(ORANGE, 'diagonal'), tone(YELLOW, 'bars'), tone(RED, 'cross'), tone(PURPLE, 'dots')],
  owner: [EMPTY, tone(GREEN), tone(BLUE, 'bars'), tone(PURPLE, 'dots'), tone(ORANGE, 'diagonal'), tone(DIM, 'cross')],
  type: [EMPTY, tone(BLUE, 'bars'), tone(GREEN), tone(ORANGE, 'diagonal')],
  sharing: [tone(BLUE), tone(ORANGE, 'diagonal'), tone(BLUE, 'plain', 0.12), tone(ORANGE, 'diagonal', 0.12), tone(RED, 'cross')],
  mapped: [EMPTY, tone(BLUE, 'plain', 0.25), tone(GREEN, 'diagonal'), tone(ORANGE, 'cross')],
  pinned: [EMPTY, tone(BLUE, 'plain', 0.25), tone(RED, 'cross'), tone(YELLOW, 'dots')],
  stage2: [EMPTY, tone(DIM, 'dots', 0.2), tone(ORANGE, 'diagonal'), tone(BLUE), tone(GREEN, 'bars')],
  content: [EMPTY, tone(BLUE, 'plain', 0.25), tone(GREEN, 'bars'), tone(ORANGE, 'cross'), tone(RED, 'diagonal')],
  hvo: [EMPTY, tone(GREEN), tone(ORANGE, 'diagonal')],
};

const POOL_TONES: readonly Tone[] = [
  tone(BLUE),
  tone(YELLOW, 'bars'),
  tone(DIM, 'plain', 0.12),
  tone(RED, 'cross'),
  tone(BLUE, 'lines', 0.4),
  tone(GREEN, 'dots'),
  tone(PURPLE, 'diagonal'),
  tone(DIM, 'back-diagonal', 0.4),
  tone(DIM, 'plain', 0.12),
];

export const DESIGN_TINTS: readonly { readonly tint: string; readonly dash: string }[] = [
  { tint: BLUE, dash: '' },
  { tint: ORANGE, dash: '6 2' },
  { tint: GREEN, dash: '2 2' },
  { tint: PURPLE, dash: '8 2 2 2' },
  { tint: RED, dash: '1 3' },
];

export interface Paint {
  readonly fill: string;
  readonly ink: string;
  readonly grain: Grain;
}

export interface Palette {
  readonly colour: MapColour;
  /** By number of the look: those of the colour, then those of pools. */
  paintOf(look: number): Paint;
  readonly back: string;
  readonly fore: string;
  readonly dim: string;
  readonly focus: string;
  readonly font: string;
  readonly isContrast: boolean;
}

export function lookNamed(colour: MapColour, look: number): MapLook | undefined {
  return look >= POOL_BASE ? POOL_LOOKS[look - POOL_BASE] : COLOURINGS[colour].looks[look];
}

/** Reads the theme. The looks of a colour are mixed anew when it or the theme changes. */
export function paletteOf(colour: MapColour): Palette {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string, other: string): string => style.getPropertyValue(`--vscode-${name}`).trim() || other;
  const back = value('editor-background', '#ffffff');
  const fore = value('editor-foreground', '#000000');
  const isContrast = document.body.className.includes('high-contrast');
  const paints = new Map<number, Paint>();
  const paintOf = (look: number): Paint => {
    let paint = paints.get(look);
    if (paint !== undefined) return paint;
    const found = (look >= POOL_BASE ? POOL_TONES[look - POOL_BASE] : TONES[colour][look]) ?? EMPTY;
    const tint = parsed(value(found.tint, fore)) ?? [128, 128, 128, 1];
    const base = parsed(back) ?? [255, 255, 255, 1];
    const strength = isContrast ? Math.min(found.strength, 0.5) : found.strength;
    paint = { fill: hex(mixed(base, tint, strength * tint[3])), ink: hex(mixed(base, tint, tint[3])), grain: found.grain };
    paints.set(look, paint);
    return paint;
  };
  return {
    colour,
    paintOf,
    back,
    fore,
    dim: hexOf(value(DIM, fore), back),
    focus: value('focusBorder', fore),
    font: value('editor-font-family', 'monospace'),
    isContrast,
  };
}

type Rgba = readonly [number, number, number, number];

/** `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)`, `rgba(…)`: what the editor writes into its variables. */
export function parsed(colour: string): Rgba | null {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour);
  if (short) return [1, 2, 3].map((at) => parseInt(short[at]! + short[at]!, 16)).concat(1) as unknown as Rgba;
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})?$/i.exec(colour);
  if (long) {
    const alpha = long[4] === undefined ? 1 : parseInt(long[4], 16) / 255;
    return [parseInt(long[1]!, 16), parseInt(long[2]!, 16), parseInt(long[3]!, 16), alpha];
  }
  const parts = /^rgba?\(([^)]+)\)$/
    .exec(colour)?.[1]
    ?.split(/[\s,/]+/)
    .map(Number);
  return parts && parts.length >= 3 ? [parts[0]!, parts[1]!, parts[2]!, parts[3] ?? 1] : null;
}

const mixed = (base: Rgba, tint: Rgba, share: number): Rgba => [
  base[0] + (tint[0] - base[0]) * share,
  base[1] + (tint[1] - base[1]) * share,
  base[2] + (tint[2] - base[2]) * share,
  1,
];
const hex = (colour: Rgba): string =>
  `#${[colour[0], colour[1], colour[2]].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

function hexOf(colour: string, back: string): string {
  const found = parsed(colour);
  const base = parsed(back);
  return found && base ? hex(mixed(base, found, found[3])) : colour;
}
