/** A stretch of a text with a little of what stands around it; `…` only where something was left out. */

import type { TextIndex } from './offsets';

export interface Excerpt {
  before: string;
  middle: string;
  after: string;
}

/** Characters that are shown around a stretch, and of the stretch itself: of a longer one its beginning and its end. */
const AROUND = 24;
const LONGEST = 90;

export function excerptOf(index: TextIndex, start: number, end: number): Excerpt {
  const from = Math.max(0, start - AROUND);
  const to = Math.min(index.length, end + AROUND);
  const half = LONGEST / 2;
  const middle = end - start > LONGEST ? `${index.slice(start, start + half)} … ${index.slice(end - half, end)}` : index.slice(start, end);
  return {
    before: (from > 0 ? '…' : '') + index.slice(from, start),
    middle,
    after: index.slice(end, to) + (to < index.length ? '…' : ''),
  };
}
