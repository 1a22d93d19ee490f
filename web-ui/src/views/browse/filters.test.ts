import { expect, it } from 'vitest';
import { asQuery, readFilters } from './filters';

it('filters come back from the address as they went into it', () => {
  const values = { ...readFilters(new URLSearchParams()), q: 'a&b=<c> 上海', status: 'flagged', min_score: '0.5' };
  expect(readFilters(new URLSearchParams(asQuery(values).slice(1)))).toEqual(values);
});

it('what is not set is not in the address', () => {
  expect(asQuery(readFilters(new URLSearchParams('q=+&x=1')))).toBe('');
});
