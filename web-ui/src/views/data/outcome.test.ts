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
  remarks: [{ message: '2 records stay', reason: 'kept_splits', n: '2' }, { message: 'line 4: no text' }],
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
  expect(remarks(outcome, {})).toEqual(['2 records stay', 'line 4: no text']);
  expect(remarks(outcome, { kept_splits: ({ n }) => `${n} 条` })).toEqual(['2 条', 'line 4: no text']);
  expect([newLabels({}), remarks({}, {})]).toEqual([[], []]);
});
