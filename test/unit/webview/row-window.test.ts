import { describe, expect, it } from 'vitest';
import { rowWindow, scrollToRow } from '../../../webview-ui/row-window';

describe('the window of rows', () => {
  it('holds those in sight and a few around them', () => {
    expect(rowWindow(10_000, 22, 22 * 500, 220)).toEqual({ from: 492, to: 519, offset: 492 * 22, height: 220_000 });
  });

  it('holds everything of a short list, and nothing of an empty one', () => {
    expect(rowWindow(3, 22, 0, 220)).toEqual({ from: 0, to: 3, offset: 0, height: 66 });
    expect(rowWindow(0, 22, 500, 220)).toEqual({ from: 0, to: 0, offset: 0, height: 0 });
  });

  it('is sound when the list became shorter than where it was scrolled to', () => {
    expect(rowWindow(10, 22, 100_000, 220)).toEqual({ from: 2, to: 10, offset: 44, height: 220 });
  });

  it('scrolls as little as needed', () => {
    expect(scrollToRow(5, 20, 0, 200)).toBe(0);
    expect(scrollToRow(20, 20, 0, 200)).toBe(220);
    expect(scrollToRow(2, 20, 100, 200)).toBe(40);
    expect(scrollToRow(20, 20, 0, 200, 2)).toBe(260);
    expect(scrollToRow(0, 20, 100, 200, 3)).toBe(0);
    expect(scrollToRow(20, 20, 0, 60, 5)).toBe(380);
  });
});
