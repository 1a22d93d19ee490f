/** From what was selected to what was meant: whole words, no white space at the edges. All offsets are code points. */

import type { Offsets } from '$/api/types';
import type { TextIndex } from './offsets';

/** Index of the first word that ends after `offset`; the words are sorted and do not overlap. */
export function wordAfter(words: readonly Offsets[], offset: number): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle]![1] <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the word that holds the character at `offset`, or -1. */
export function wordAt(words: readonly Offsets[], offset: number): number {
  const found = wordAfter(words, offset);
  const word = words[found];
  return word && word[0] <= offset ? found : -1;
}

/** Without the white space at its edges; null when nothing is left. */
export function trimmed(index: TextIndex, start: number, end: number): Offsets | null {
  const text = index.slice(start, end);
  const lead = text.length - text.trimStart().length;
  const body = text.trim();
  if (body === '') return null;
  const from = index.toPoints(index.toUnits(start) + lead);
  return [from, index.toPoints(index.toUnits(start) + lead + body.length)];
}

/** Grown to the words that it touches. What touches no word (punctuation that segmentation passed over) stays as it is. */
export function snapped(words: readonly Offsets[], start: number, end: number): Offsets {
  const first = words[wordAfter(words, start)];
  if (!first || first[0] >= end) return [start, end];
  const last = words[wordAfter(words, end - 1)];
  const closing = last && last[0] < end ? last[1] : Math.max(end, first[1]);
  return [Math.min(start, first[0]), Math.max(end, closing)];
}

/** The words of a text by the browser's own segmentation, where the server sent none. */
export function segmentWords(text: string): Offsets[] {
  const words: Offsets[] = [];
  let at = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text)) {
    const length = [...segment].length;
    if (segment.trim() !== '') words.push([at, at + length]);
    at += length;
  }
  return words;
}

/** The characters of a text as a reader sees them: no offset inside an emoji sequence or an accented letter. */
export function segmentCharacters(text: string): Offsets[] {
  const characters: Offsets[] = [];
  let at = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    const length = [...segment].length;
    if (segment.trim() !== '') characters.push([at, at + length]);
    at += length;
  }
  return characters;
}
