import { expect, test } from 'vitest';
import { indexText } from './offsets';

const SAMPLES = ['', 'plain', '李明在北京', 'I love 🍣 in Tokyo 👩‍👩‍👧!', '𠮷野家𠮷', '\ud83c broken', 'e\u0301🎉'];

test('offsets agree with what counting code points says', () => {
  for (const text of SAMPLES) {
    const index = indexText(text);
    const points = [...text];
    expect(index.length).toBe(points.length);
    for (let at = 0; at <= points.length; at += 1) {
      const units = points.slice(0, at).join('').length;
      expect(index.toUnits(at)).toBe(units);
      expect(index.toPoints(units)).toBe(at);
      expect(index.slice(at, points.length)).toBe(points.slice(at).join(''));
    }
  }
});

test('a UTF-16 offset inside a pair means the pair', () => {
  // 🍣 is code point 1, units 1 and 2.
  const index = indexText('a🍣b');
  expect([0, 1, 2, 3, 4].map((unit) => index.toPoints(unit))).toEqual([0, 1, 1, 2, 3]);
});

test('offsets outside the text mean its edges', () => {
  const index = indexText('a🍣b');
  expect([index.toUnits(-3), index.toUnits(99), index.toPoints(-1), index.toPoints(99)]).toEqual([0, 4, 0, 3]);
});
