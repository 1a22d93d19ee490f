import { expect, it } from 'vitest';
import { excerptOf } from './excerpt';
import { indexText } from './offsets';

it('a whole short text has no ellipsis', () => {
  expect(excerptOf(indexText('Ada lives in London.'), 0, 3)).toEqual({ before: '', middle: 'Ada', after: ' lives in London.' });
});

it('what is left out on a side is marked on that side, and characters count as code points', () => {
  const text = `${'😀'.repeat(30)}Oslo${'b'.repeat(24)}`;
  expect(excerptOf(indexText(text), 30, 34)).toEqual({ before: `…${'😀'.repeat(24)}`, middle: 'Oslo', after: 'b'.repeat(24) });
});

it('of a long stretch the beginning and the end are there', () => {
  const text = `${'a'.repeat(100)}${'b'.repeat(100)}`;
  expect(excerptOf(indexText(text), 0, 200).middle).toBe(`${'a'.repeat(45)} … ${'b'.repeat(45)}`);
});
