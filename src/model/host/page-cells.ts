/** Values of pages side by side in words, as few bits for each as they need: what is cut to pieces stays small enough for a cache. */

/** A set of small values as bits; all values from 31 on are one. */
export type ValueSet = number;
const MOST_VALUE = 31;
export const valueSet = (...values: readonly number[]): ValueSet =>
  values.reduce((set, value) => set | (1 << Math.min(value, MOST_VALUE)), 0);
/** All values but 0. */
export const NOT_ZERO: ValueSet = ~1;

export const isIn = (value: number, set: ValueSet): boolean => ((set >>> (value > MOST_VALUE ? MOST_VALUE : value)) & 1) === 1;

/** Bits of a value as a power of 2: 1, 4, 8 and 32. */
const WIDTHS = [0, 2, 3, 5] as const;
const WORD = 32;

export class Cells {
  private readonly mask: number;
  private constructor(
    /** The epoch that may change it in place. */
    readonly epoch: number,
    private readonly width: number,
    private readonly words: Int32Array,
    public sum: number,
  ) {
    this.mask = width === 5 ? 0x7fffffff : 2 ** (2 ** width) - 1;
  }

  /** So many pages of value 0, wide enough for values up to `most`. */
  static zeroes(pages: number, most: number, epoch: number): Cells {
    const width = WIDTHS.find((each) => most < 2 ** (2 ** each)) ?? 5;
    return new Cells(epoch, width, new Int32Array(Math.ceil((pages << width) / WORD)), 0);
  }

  /** These cells for an epoch to change, wide enough for a value. */
  owned(pages: number, value: number, epoch: number): Cells {
    if (value > this.mask) {
      const wider = Cells.zeroes(pages, value, epoch);
      for (let page = 0; page < pages; page++) {
        const old = this.at(page);
        if (old !== 0) wider.fill(page, page + 1, old);
      }
      return wider;
    }
    return this.epoch === epoch ? this : new Cells(epoch, this.width, this.words.slice(), this.sum);
  }

  at(page: number): number {
    const bit = page << this.width;
    return (this.words[bit >>> 5]! >>> (bit & 31)) & this.mask;
  }

  /** Sets the pages [from, to). */
  fill(from: number, to: number, value: number): void {
    const { words, width } = this;
    if (to === from + 1) {
      const bit = from << width;
      const word = bit >>> 5;
      const old = (words[word]! >>> (bit & 31)) & this.mask;
      words[word]! ^= (old ^ value) << (bit & 31);
      this.sum += value - old;
      return;
    }
    this.sum += value * (to - from) - this.sumOf(from, to);
    const pattern = this.patternOf(value);
    const end = to << width;
    for (let bit = from << width; bit < end;) {
      const word = bit >>> 5;
      const bits = Math.min(WORD - (bit & 31), end - bit);
      const lanes = bits === WORD ? -1 : ((1 << bits) - 1) << (bit & 31);
      words[word] = (words[word]! & ~lanes) | (pattern & lanes);
      bit += bits;
    }
  }

  /** Sum over the pages [from, to). */
  sumOf(from: number, to: number): number {
    let sum = 0;
    if (this.width > 0) {
      for (let page = from; page < to; page++) sum += this.at(page);
      return sum;
    }
    for (let bit = from; bit < to;) {
      const bits = Math.min(WORD - (bit & 31), to - bit);
      const word = this.words[bit >>> 5]! >>> (bit & 31);
      sum += onesIn(bits === WORD ? word : word & ((1 << bits) - 1));
      bit += bits;
    }
    return sum;
  }

  /** The first page of [from, to) whose value is another; -1 where there is none. */
  firstOther(from: number, to: number, value: number): number {
    if (value > this.mask) return from < to ? from : -1;
    const { words, width } = this;
    const pattern = this.patternOf(value);
    const end = to << width;
    for (let bit = from << width; bit < end;) {
      const bits = Math.min(WORD - (bit & 31), end - bit);
      let differs = (words[bit >>> 5]! ^ pattern) >>> (bit & 31);
      if (bits < WORD) differs &= (1 << bits) - 1;
      if (differs !== 0) return (bit + 31 - Math.clz32(differs & -differs)) >>> width;
      bit += bits;
    }
    return -1;
  }

  /** The first page of [from, to) whose value is in the set; -1 where there is none. */
  firstIn(from: number, to: number, set: ValueSet): number {
    if (set === NOT_ZERO) return this.firstOther(from, to, 0);
    if (this.width > 0) {
      for (let page = from; page < to; page++) if (isIn(this.at(page), set)) return page;
      return -1;
    }
    if ((set & 3) === 3) return from < to ? from : -1;
    return (set & 3) === 0 ? -1 : this.firstOther(from, to, (set & 1) === 1 ? 1 : 0);
  }

  private patternOf(value: number): number {
    if (this.width === 0) return -value;
    if (this.width === 2) return Math.imul(value, 0x11111111);
    return this.width === 3 ? Math.imul(value, 0x01010101) : value;
  }
}

/** How many bits of a word are 1. */
function onesIn(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
