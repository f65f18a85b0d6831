/** Values of pages side by side in words, as few bits for each as they need, in one run of memory for a map: what is cut to pieces stays small enough for a cache. */

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
/** Places that there is room for at first. */
const FEW = 1;

/** Cells of several parts of one map, each in its place: those of part `place` begin at `place * size`. */
export class Cells {
  private readonly mask: number;
  private constructor(
    /** Pages of a place. */
    private readonly size: number,
    private readonly width: number,
    private words: Int32Array,
    /** Sum of the values of each place. */
    private readonly sums: number[],
    /** Places that nobody has. */
    private readonly free: number[],
  ) {
    this.mask = width === 5 ? 0x7fffffff : 2 ** (2 ** width) - 1;
  }

  /** No places, wide enough for values up to `most`. */
  static none(size: number, most: number): Cells {
    const width = WIDTHS.find((each) => most < 2 ** (2 ** each)) ?? 5;
    return new Cells(size, width, new Int32Array(((FEW * size) << width) / WORD), [], []);
  }

  copy(): Cells {
    return new Cells(this.size, this.width, this.words.slice(), this.sums.slice(), this.free.slice());
  }

  /** These cells, or as many wider ones where the value does not fit. */
  fitting(value: number): Cells {
    if (this.fits(value)) return this;
    const wider = Cells.none(this.size, value);
    for (let place = 0; place < this.sums.length; place++) wider.add();
    for (let at = 0; at < this.sums.length * this.size; at++) {
      const old = this.at(at);
      if (old !== 0) wider.fill(at, at + 1, old);
    }
    wider.free.push(...this.free);
    return wider;
  }

  /** A place of which all pages are 0. */
  add(): number {
    const known = this.free.pop();
    if (known !== undefined) return known;
    const place = this.sums.length;
    this.sums.push(0);
    const needed = (((place + 1) * this.size) << this.width) / WORD;
    if (needed > this.words.length) {
      const words = new Int32Array(2 * this.words.length);
      words.set(this.words);
      this.words = words;
    }
    return place;
  }

  /** Nobody has the place any more. */
  drop(place: number): void {
    this.fill(place * this.size, (place + 1) * this.size, 0);
    this.free.push(place);
  }

  sumOfPlace(place: number): number {
    return this.sums[place]!;
  }

  at(page: number): number {
    const bit = page << this.width;
    return (this.words[bit >>> 5]! >>> (bit & 31)) & this.mask;
  }

  /** Whether the cells are wide enough. */
  fits(value: number): boolean {
    return value <= this.mask;
  }

  /** Sets the pages [from, to), all of one place. Shape: by how much the sum grows. */
  fill(from: number, to: number, value: number): number {
    const { words, width } = this;
    const place = Math.floor(from / this.size);
    if (to === from + 1) {
      const bit = from << width;
      const word = bit >>> 5;
      const old = (words[word]! >>> (bit & 31)) & this.mask;
      words[word]! ^= (old ^ value) << (bit & 31);
      this.sums[place]! += value - old;
      return value - old;
    }
    const change = value * (to - from) - this.sumOf(from, to);
    this.sums[place]! += change;
    const pattern = this.patternOf(value);
    const end = to << width;
    for (let bit = from << width; bit < end;) {
      const word = bit >>> 5;
      const bits = Math.min(WORD - (bit & 31), end - bit);
      const lanes = bits === WORD ? -1 : ((1 << bits) - 1) << (bit & 31);
      words[word] = (words[word]! & ~lanes) | (pattern & lanes);
      bit += bits;
    }
    return change;
  }

  /** Changes the values of the pages [from, to), all of one place, by a function of the value. Null: one would not fit; nothing is changed. */
  change(from: number, to: number, change: (value: number) => number): number | null {
    for (let page = from; page < to; page++) if (!this.fits(change(this.at(page)))) return null;
    let sum = 0;
    for (let page = from; page < to; page++) {
      const old = this.at(page);
      const value = change(old);
      if (value !== old) sum += this.fill(page, page + 1, value);
    }
    return sum;
  }

  /** Sum over the pages [from, to). */
  sumOf(from: number, to: number): number {
    return this.over(from, to, false);
  }

  /** How many of the pages [from, to) are not 0. */
  countOf(from: number, to: number): number {
    return this.over(from, to, true);
  }

  private over(from: number, to: number, counts: boolean): number {
    const { words, width } = this;
    const end = to << width;
    let sum = 0;
    for (let bit = from << width; bit < end;) {
      const bits = Math.min(WORD - (bit & 31), end - bit);
      const all = words[bit >>> 5]! >>> (bit & 31);
      const word = bits === WORD ? all : all & ((1 << bits) - 1);
      if (word !== 0) sum += counts ? countIn(word, width) : sumIn(word, width);
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
    if (this.width > 0) return this.anyIn(from, to, set);
    if ((set & 3) === 3) return from < to ? from : -1;
    return (set & 3) === 0 ? -1 : this.firstOther(from, to, (set & 1) === 1 ? 1 : 0);
  }

  private anyIn(from: number, to: number, set: ValueSet): number {
    const { words, width } = this;
    const end = to << width;
    // A word that has none of them is known again: most are like the one before.
    let none = 0;
    let isKnown = (set & 1) === 0;
    for (let bit = from << width; bit < end;) {
      const word = words[bit >>> 5]!;
      const stop = Math.min(bit + WORD - (bit & 31), end);
      if (isKnown && word === none) {
        bit = stop;
        continue;
      }
      const isWhole = stop - bit === WORD;
      for (; bit < stop; bit += 1 << width) if (isIn((word >>> (bit & 31)) & this.mask, set)) return bit >>> width;
      if (!isWhole) continue;
      none = word;
      isKnown = true;
    }
    return -1;
  }

  private patternOf(value: number): number {
    if (this.width === 0) return -value;
    if (this.width === 2) return Math.imul(value, 0x11111111);
    return this.width === 3 ? Math.imul(value, 0x01010101) : value;
  }
}

/** Sum of the values in a word. */
function sumIn(word: number, width: number): number {
  if (width === 0) return onesIn(word);
  if (width === 5) return word & 0x7fffffff;
  if (width === 2) return Math.imul((word & 0x0f0f0f0f) + ((word >>> 4) & 0x0f0f0f0f), 0x01010101) >>> 24;
  const halves = (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
  return (halves & 0xffff) + (halves >>> 16);
}

/** How many values in a word are not 0. */
function countIn(word: number, width: number): number {
  if (width === 5) return 1;
  let any = word;
  for (let bits = (1 << width) >>> 1; bits > 0; bits >>>= 1) any |= any >>> bits;
  return onesIn(any & (width === 0 ? -1 : width === 2 ? 0x11111111 : 0x01010101));
}

function onesIn(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
