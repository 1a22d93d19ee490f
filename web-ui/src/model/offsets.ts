/**
 * Code points and UTF-16. The data counts code points (as Python does), the DOM counts UTF-16 units; they differ after every
 * character beyond the Basic Multilingual Plane (most emoji, rare Chinese characters).
 */

export interface TextIndex {
  readonly text: string;
  /** In code points. */
  readonly length: number;
  /** Code-point offset -> UTF-16 offset. */
  toUnits(point: number): number;
  /** UTF-16 offset -> code-point offset; inside a surrogate pair: the pair's start. */
  toPoints(unit: number): number;
  slice(start: number, end: number): string;
}

/** How many of the sorted numbers are smaller than `limit`. */
function countBelow(sorted: number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function astralUnits(text: string): number[] {
  const found: number[] = [];
  for (let i = 0; i < text.length - 1; i += 1) {
    const high = text.charCodeAt(i);
    if (high < 0xd800 || high > 0xdbff) continue;
    const low = text.charCodeAt(i + 1);
    if (low < 0xdc00 || low > 0xdfff) continue;
    found.push(i);
    i += 1;
  }
  return found;
}

/** The index of a text: linear in its length once, then logarithmic in the number of characters that take two units. */
export function indexText(text: string): TextIndex {
  const units = astralUnits(text);
  const points = units.map((unit, i) => unit - i);
  const length = text.length - units.length;
  const toUnits = (point: number): number => {
    const inside = Math.min(Math.max(point, 0), length);
    return inside + countBelow(points, inside);
  };
  const toPoints = (unit: number): number => {
    const inside = Math.min(Math.max(unit, 0), text.length);
    return inside - countBelow(units, inside);
  };
  return { text, length, toUnits, toPoints, slice: (start, end) => text.slice(toUnits(start), toUnits(end)) };
}
