import { describe, expect, it } from 'vitest';
import type { Span } from '$/api/types';
import { focusOn, readPieces } from './marked';

const shape = (pieces: ReturnType<typeof focusOn>) => pieces.map((piece) => [piece.text, piece.covers.map((cover) => cover.mark.label).join('+'), piece.cursor]);

describe('pieces to be read', () => {
  it('hold the whole text, whatever is in it', () => {
    const text = 'a😀b\n\nsecond line '.repeat(300) + '\n';
    expect(readPieces(text, [[2, 30, 'A'], [4000, 4100, 'B']]).map((piece) => piece.text).join('')).toBe(text);
    const long = 'one line without an end '.repeat(500);
    const pieces = readPieces(long, []);
    expect(pieces.map((piece) => piece.text).join('')).toBe(long);
    expect(new Set(pieces.map((piece) => piece.start)).size).toBe(pieces.length);
    expect(readPieces('', [])).toEqual([]);
  });

  it('count code points, nest, and leave out spans beyond the text', () => {
    expect(shape(readPieces('😀 Bank of China', [[2, 15, 'ORG'], [10, 15, 'LOC'], [9, 99, 'X']]))).toEqual([
      ['😀 ', '', false],
      ['Bank of ', 'ORG', false],
      ['China', 'ORG+LOC', false],
    ]);
  });

  it('are cut at the focus, and only there', () => {
    const pieces = readPieces('Ada met Grace today', [[0, 3, 'PER'], [8, 13, 'PER']]);
    const focused = focusOn(pieces, [4, 13]);
    expect(shape(focused)).toEqual([
      ['Ada', 'PER', false],
      [' ', '', false],
      ['met ', '', true],
      ['Grace', 'PER', true],
      [' today', '', false],
    ]);
    expect(focused[0]).toBe(pieces[0]);
  });

  it('come quickly for 50,000 characters with 2,000 spans', () => {
    const spans = Array.from({ length: 2000 }, (_, n): Span => [n * 25, n * 25 + 9, 'A']);
    const began = performance.now();
    readPieces('x'.repeat(24).concat(' ').repeat(2000), spans);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
