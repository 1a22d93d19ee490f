import { expect, it } from 'vitest';
import { everyDay, scale, shownLabels, ticks } from './scale';

it('ticks are round and reach the highest value', () => {
  expect(ticks(97)).toEqual([0, 50, 100]);
  expect(ticks(0.3)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(ticks(4)).toEqual([0, 1, 2, 3, 4]);
  expect(ticks(0)).toEqual([0, 1]);
});

it('a scale maps values onto a length', () => {
  expect([0, 50, 100].map(scale(100, 240))).toEqual([0, 120, 240]);
  expect(scale(0, 240)(3)).toBe(0);
});

it('of many labels so many are shown as have room, the last among them', () => {
  expect([...shownLabels(10, 4)].sort((a, b) => a - b)).toEqual([0, 3, 6, 9]);
  expect([...shownLabels(2, 9)]).toEqual([1, 0]);
});

it('days without work are filled in, across the end of a month', () => {
  const rows = [
    { day: '2026-11-29', n: 3 },
    { day: '2026-12-02', n: 1 },
  ];
  expect(everyDay(rows, (day) => ({ day, n: 0 })).map((row) => row.n)).toEqual([3, 0, 0, 1]);
});
