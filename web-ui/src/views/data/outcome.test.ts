import { expect, it } from 'vitest';
import { counted, newLabels, remarks } from './outcome';

const outcome = {
  path: 'a.csv',
  read: 3,
  added: 0,
  known: 3,
  gold_added: 0,
  skipped: 1,
  schema_version: 2,
  labels_added: { intent: ['ask', 'pay'] },
  warnings: ['2 texts appear twice'],
  skipped_first: ['line 4: no text'],
};

it('counts are what was counted, in order, without those of nothing', () => {
  expect(counted(outcome)).toEqual([
    ['read', 3],
    ['added', 0],
    ['known', 3],
    ['skipped', 1],
  ]);
});

it('new labels and remarks are said in words', () => {
  expect(newLabels(outcome)).toEqual(['intent: ask, pay']);
  expect(remarks(outcome)).toEqual(['2 texts appear twice', 'line 4: no text']);
  expect([newLabels({}), remarks({})]).toEqual([[], []]);
});
