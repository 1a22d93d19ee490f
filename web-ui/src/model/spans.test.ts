import { expect, test } from 'vitest';
import type { Span } from '$/api/types';
import { addSpan, addSpans, clash, moveEdge, spansAt, type Overlap } from './spans';

const A: Span = [0, 5, 'A'];
const INSIDE: Span = [1, 3, 'B'];
const CROSSING: Span = [3, 8, 'B'];
const BESIDE: Span = [5, 8, 'B'];

test.each<[Overlap, Span, boolean]>([
  ['flat', INSIDE, true],
  ['flat', BESIDE, false],
  ['nested', INSIDE, false],
  ['nested', CROSSING, true],
  ['nested', [0, 5, 'B'], false],
  ['overlapping', CROSSING, false],
  ['overlapping', [0, 5, 'A'], true],
])('%s: %j clashes with [0, 5, A]: %s', (overlap, span, clashes) => {
  expect(clash(A, span, overlap)).toBe(clashes);
  expect(clash(span, A, overlap)).toBe(clashes);
});

test('a new span takes the place of those it cannot stand beside, and the list stays sorted', () => {
  expect(addSpan([BESIDE], A)).toEqual([A, BESIDE]);
  expect(addSpan([A, BESIDE], CROSSING)).toEqual([CROSSING]);
  expect(addSpan([A], INSIDE, 'nested')).toEqual([A, INSIDE]);
});

test('after any sequence of additions no two spans clash', () => {
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  for (const overlap of ['flat', 'nested', 'overlapping'] as const) {
    let spans: Span[] = [];
    for (let i = 0; i < 300; i += 1) {
      const start = random(60);
      spans = addSpan(spans, [start, start + 1 + random(12), 'ABC'[random(3)]!], overlap);
    }
    const clashes = spans.flatMap((span, at) => spans.slice(at + 1).filter((other) => clash(span, other, overlap)));
    expect(clashes).toEqual([]);
  }
});

test('an edge moves by whole words and never past the other edge', () => {
  const words: [number, number][] = [
    [0, 3],
    [4, 8],
    [9, 12],
  ];
  expect(moveEdge([4, 8, 'A'], 'end', 1, words)).toEqual([4, 12, 'A']);
  expect(moveEdge([4, 8, 'A'], 'end', -1, words)).toBeNull();
  expect(moveEdge([4, 8, 'A'], 'start', -1, words)).toEqual([0, 8, 'A']);
  expect(moveEdge([0, 12, 'A'], 'start', 1, words)).toEqual([4, 12, 'A']);
  expect(moveEdge([0, 12, 'A'], 'end', 1, words)).toBeNull();
});

test('the innermost span under a click comes first', () => {
  expect(spansAt([A, INSIDE, BESIDE], 2)).toEqual([INSIDE, A]);
  expect(spansAt([A, INSIDE, BESIDE], 5)).toEqual([BESIDE]);
});

test('many spans are added as if it were one after the other, whatever may overlap', () => {
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 16807) % 2147483647) % n;
  const some = (n: number): Span[] =>
    Array.from({ length: n }, () => {
      const start = random(40);
      return [start, start + 1 + random(6), random(2) ? 'A' : 'B'];
    });
  for (const overlap of ['flat', 'nested', 'overlapping'] as const) {
    for (let i = 0; i < 200; i += 1) {
      const mine = some(random(6)).reduce<Span[]>((all, span) => addSpan(all, span, overlap), []);
      const more = some(random(6));
      const expected = more.reduce<Span[]>((all, span) => addSpan(all, span, overlap), mine);
      expect(addSpans(mine, more, overlap)).toEqual(expected);
    }
  }
});
