import { describe, expect, it } from 'vitest';
import { clamped, pageAt, panned, pixelOf, showing, tickStep, wholeAxis, zoomedAt } from '../../../webview-ui/viewport';

const TOTAL = 2 ** 18;

describe('the viewport', () => {
  it('goes from a 1G block to a single page in 18 doublings and stops there', () => {
    let viewport = wholeAxis(TOTAL);
    for (let times = 0; times < 18; times += 1) viewport = zoomedAt(viewport, 1000.5, 2, TOTAL);
    expect(viewport.length).toBe(1);
    expect(viewport.start).toBeCloseTo(1000.5 - 1000.5 / TOTAL, 6);
    expect(zoomedAt(viewport, 1000.5, 2, TOTAL).length).toBe(1);
  });

  it('keeps the page under the pointer where it is', () => {
    const before = { start: 4096, length: 1024 };
    const after = zoomedAt(before, 4400, 2, TOTAL);
    expect(pixelOf(4400, after, 800)).toBeCloseTo(pixelOf(4400, before, 800), 9);
  });

  it('never leaves the axis', () => {
    expect(clamped({ start: -5, length: 10 }, 100)).toEqual({ start: 0, length: 10 });
    expect(clamped({ start: 95, length: 10 }, 100)).toEqual({ start: 90, length: 10 });
    expect(clamped({ start: 3, length: 1000 }, 100)).toEqual({ start: 0, length: 100 });
    expect(panned({ start: 50, length: 10 }, 1000, 100)).toEqual({ start: 90, length: 10 });
    expect(zoomedAt({ start: 0, length: 10 }, 2, 0.001, 100)).toEqual({ start: 0, length: 100 });
  });

  it('moves as little as needed to show a folio', () => {
    const viewport = { start: 100, length: 50 };
    expect(showing(viewport, 120, 10, 1000)).toBe(viewport);
    expect(showing(viewport, 90, 4, 1000)).toEqual({ start: 90, length: 50 });
    expect(showing(viewport, 160, 4, 1000)).toEqual({ start: 114, length: 50 });
    expect(showing(viewport, 0, 512, 1000)).toBe(viewport);
    expect(showing({ start: 600, length: 50 }, 0, 512, 1000)).toEqual({ start: 0, length: 50 });
  });

  it('turns pixels into pages and back', () => {
    const viewport = { start: 256, length: 128 };
    expect(pageAt(0, viewport, 640)).toBe(256);
    expect(pageAt(320, viewport, 640)).toBe(320);
    expect(pixelOf(320, viewport, 640)).toBe(320);
  });

  it('spaces the ticks of the ruler by powers of two with room for their labels', () => {
    expect(tickStep(wholeAxis(TOTAL), 1000, 100)).toBe(32768);
    expect(tickStep({ start: 0, length: 16 }, 1000, 100)).toBe(2);
    expect(tickStep({ start: 0, length: 1 }, 1000, 100)).toBe(1);
  });
});
