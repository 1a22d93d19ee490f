import { expect, test } from 'vitest';
import { assignLanes, cut, splitLines, spread, toMark } from './pieces';

const mark = (start: number, end: number, label = 'A') => toMark([start, end, label], 'f');

test('the inner of two nested spans lies nearer to the text', () => {
  const lanes = assignLanes([mark(0, 10, 'OUT'), mark(2, 5, 'IN')]);
  expect(lanes.map(({ label, lane }) => [label, lane])).toEqual([
    ['OUT', 1],
    ['IN', 0],
  ]);
});

test('spans that share no character share a lane', () => {
  expect(assignLanes([mark(0, 3), mark(3, 6), mark(7, 9)]).map(({ lane }) => lane)).toEqual([0, 0, 0]);
});

test('no two spans of a lane overlap, however they lie', () => {
  let seed = 3;
  const random = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  const marks = Array.from({ length: 400 }, () => {
    const start = random(300);
    return mark(start, start + 1 + random(40));
  });
  const laned = assignLanes(marks);
  expect(laned).toHaveLength(400);
  for (const a of laned) {
    for (const b of laned) {
      if (a !== b && a.lane === b.lane) expect(a.end <= b.start || b.end <= a.start).toBe(true);
    }
  }
});

test('a text is cut at every edge, outer spans first, and nothing is lost', () => {
  const pieces = cut(0, 12, assignLanes([mark(0, 10, 'OUT'), mark(2, 5, 'IN')]), [4, 6]);
  expect(pieces.map((piece) => [piece.start, piece.end, piece.covers.map((cover) => cover.mark.label).join(), piece.cursor])).toEqual([
    [0, 2, 'OUT', false],
    [2, 4, 'OUT,IN', false],
    [4, 5, 'OUT,IN', true],
    [5, 6, 'OUT', true],
    [6, 10, 'OUT', false],
    [10, 12, '', false],
  ]);
  expect(pieces[0]!.covers[0]).toMatchObject({ first: true, last: false });
  expect(pieces[4]!.covers[0]).toMatchObject({ first: false, last: true });
});

test('every chunk is given exactly the marks that touch it', () => {
  const chunks = [
    { start: 0, end: 10 },
    { start: 10, end: 20 },
    { start: 21, end: 30 },
  ];
  const found = spread(chunks, assignLanes([mark(0, 30, 'ALL'), mark(9, 11, 'TWO'), mark(10, 12, 'SECOND'), mark(20, 22, 'LAST')]));
  expect(found.map((marks) => marks.map(({ label }) => label))).toEqual([
    ['ALL', 'TWO'],
    ['ALL', 'TWO', 'SECOND'],
    ['ALL', 'LAST'],
  ]);
});

test('lines end at line feeds, and chunks cover them without a gap', () => {
  const text = 'one two three\n\n' + 'word '.repeat(3000) + '字'.repeat(2000);
  const characters = [...text];
  const lines = splitLines(characters);
  expect(lines.slice(0, 2).map(({ start, end }) => [start, end])).toEqual([
    [0, 13],
    [14, 14],
  ]);
  let at = 15;
  for (const line of lines.slice(2)) {
    expect(line.start).toBe(at);
    expect(line.end - line.start).toBeLessThanOrEqual(4500);
    line.chunks.forEach((chunk) => {
      expect(chunk.start).toBe(at);
      expect(chunk.end - chunk.start).toBeLessThanOrEqual(600);
      at = chunk.end;
    });
  }
  expect(at).toBe(characters.length);
});

test('no chunk begins inside a character that is built of several', () => {
  const characters = [...'👩‍👩‍👧'.repeat(400)];
  for (const { chunks } of splitLines(characters)) {
    for (const { start } of chunks) expect(characters[start]).toBe('👩');
  }
});
