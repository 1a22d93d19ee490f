import { expect, test } from 'vitest';
import type { Offsets } from '$/api/types';
import { indexText } from './offsets';
import { segmentCharacters, segmentWords, snapped, trimmed, wordAt } from './snap';

const WORDS: Offsets[] = [
  [0, 3],
  [4, 8],
  [8, 9],
];

test('a selection grows to the words it touches', () => {
  expect(snapped(WORDS, 5, 6)).toEqual([4, 8]);
  expect(snapped(WORDS, 2, 5)).toEqual([0, 8]);
  expect(snapped(WORDS, 4, 8)).toEqual([4, 8]);
  expect(snapped(WORDS, 7, 9)).toEqual([4, 9]);
});

test('what touches no word stays as it is', () => {
  expect(snapped(WORDS, 3, 4)).toEqual([3, 4]);
  expect(snapped([], 1, 5)).toEqual([1, 5]);
});

test('white space at the edges does not belong to a span', () => {
  const index = indexText(' 🍣 sushi  ');
  expect(trimmed(index, 0, 11)).toEqual([1, 8]);
  expect(trimmed(index, 8, 10)).toBeNull();
});

test('a word is found by any of its characters', () => {
  expect([0, 2, 3, 7, 8, 9].map((at) => wordAt(WORDS, at))).toEqual([0, 0, -1, 1, 2, -1]);
});

test('words and characters cover the text without splitting an emoji or an accent', () => {
  expect(segmentWords('a 👩‍👩‍👧 b')).toEqual([
    [0, 1],
    [2, 7],
    [8, 9],
  ]);
  expect(segmentCharacters('e\u0301x')).toEqual([
    [0, 2],
    [2, 3],
  ]);
});
