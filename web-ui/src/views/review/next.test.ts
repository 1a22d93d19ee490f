import { expect, it } from 'vitest';
import type { ReviewRow } from '$/api/types';
import { nextWaiting } from './next';

const row = (record: string, gold: string | null, ...fields: string[]): ReviewRow => ({
  record,
  text_start: record,
  answers: 2,
  surplus: 0,
  fields_in_dispute: fields,
  disagreement: fields.length,
  gold,
});

const rows = [row('a', null, 'intent'), row('b', 'adjudicated', 'intent'), row('c', null), row('d', 'majority', 'slots')];

it('the next record is the first after this one that is in dispute and not adjudicated', () => {
  expect(nextWaiting(rows, 'a')).toBe('d');
});

it('after the last one it begins again, and never leads to itself', () => {
  expect(nextWaiting(rows, 'd')).toBe('a');
  expect(nextWaiting([row('a', null, 'x')], 'a')).toBeNull();
});

it('from a record that is not in the list, it is the first that waits', () => {
  expect(nextWaiting(rows, 'z')).toBe('a');
});

it('what is doubted waits, whatever has been decided of it', () => {
  expect(nextWaiting([row('a', null), { ...row('b', 'adjudicated'), doubt: 0.9 }], 'a')).toBe('b');
});
