import { describe, expect, it } from 'vitest';
import { confusedOf, matrixOf, readSuspicion } from './quality';

const pair = (one: string, other: string, pairs: number) => ({ labels: [one, other] as [string, string], pairs, share: 0, examples: [] });
const PAIRS = [pair('a', 'a', 5), pair('a', 'b', 3), pair('b', 'b', 1), pair('b', 'c', 1)];

describe('a matrix of labels', () => {
  it('has each two labels on both sides of the diagonal, the most frequent first', () => {
    expect(matrixOf(PAIRS)).toEqual({
      labels: ['a', 'b', 'c'], // 5 + 3, 3 + 1 + 1, 1
      cells: [
        [5, 3, 0],
        [3, 1, 1],
        [0, 1, 0],
      ],
      highest: 5,
    });
  });

  it('leaves out what there is no room for', () => {
    expect(matrixOf(PAIRS, 1)).toEqual({ labels: ['a'], cells: [[5]], highest: 5 });
    expect(matrixOf([])).toEqual({ labels: [], cells: [], highest: 0 });
  });

  it('takes two different labels for confused', () => {
    expect(confusedOf(PAIRS).map((each) => each.labels)).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ]);
  });
});

describe('sentences about an annotator', () => {
  it('are taken apart, as the server writes them', () => {
    expect(readSuspicion('a median of 1.2 s an answer; others take 20.5 s')).toEqual({ kind: 'fast', own: '1.2', others: '20.5' });
    expect(readSuspicion("says 'cat' in 1,020 of 1,020 answers; others say it in 35 %")).toEqual({
      kind: 'constant',
      said: "'cat'",
      times: '1,020',
      of: '1,020',
      others: '35',
    });
    expect(readSuspicion('gives the same answer as one other annotator in 20 of 20 records; how both agree with the rest explains 64 %')).toEqual({
      kind: 'copied',
      same: '20',
      of: '20',
      expected: '64',
    });
    expect(readSuspicion('right in 40 % (21 to 60); chance is 35 %')).toEqual({ kind: 'chance', right: '40', low: '21', high: '60', chance: '35' });
  });

  it('of another form are left whole', () => {
    expect(readSuspicion('something else')).toBeNull();
  });
});
