import { expect, test } from 'vitest';
import { tonesOf } from './colors';
import { nameOf, runsOf } from './control';
import { cursorAt, moveCursor, rangeOf, unitsIn } from './cursor';
import { chordOf, keysOf, LABEL_KEYS, COMMAND_LETTERS, showKey, type KeyLike } from './keys';
import { newTimer, pause, secondsOf, touch } from './timer';

const press = (key: string, more: Partial<KeyLike> = {}): KeyLike => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : /^\d$/.test(key) ? `Digit${key}` : key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

test('idle time beyond half a minute and hidden time do not count', () => {
  let timer = newTimer(0);
  timer = touch(timer, 10_000); // 10 s
  timer = touch(timer, 100_000); // 90 s idle: 30 count
  timer = pause(timer, 105_000); // 5 s
  timer = touch(timer, 500_000); // hidden: nothing
  expect(secondsOf(timer, 502_500)).toBe(47.5);
});

test('labels get digits, then letters that no command uses, then letters with Shift', () => {
  const labels = Array.from({ length: 60 }, (_, i) => `L${i}`);
  const keys = keysOf(labels);
  expect([keys['L0'], keys['L9'], keys['L10'], keys['L59']]).toEqual(['1', '0', 'q', undefined]);
  expect(new Set(Object.values(keys)).size).toBe(LABEL_KEYS.length);
  expect(LABEL_KEYS.some((key) => COMMAND_LETTERS.includes(key))).toBe(false);
});

test('a key press has one name on every keyboard', () => {
  expect(chordOf(press('z', { ctrlKey: true }))).toBe('Ctrl+Z');
  expect(chordOf(press('Z', { metaKey: true, shiftKey: true }))).toBe('Ctrl+Shift+Z');
  expect(chordOf(press('A'))).toBe('a');
  expect(chordOf(press('A', { shiftKey: true }))).toBe('Shift+A');
  expect(chordOf(press('?', { code: 'Slash', shiftKey: true }))).toBe('?');
  expect(chordOf(press(' ', { code: 'Space' }))).toBe('Space');
  expect(chordOf(press('ArrowLeft', { altKey: true, shiftKey: true }))).toBe('Alt+Shift+ArrowLeft');
  expect(chordOf(press('Shift', { shiftKey: true }))).toBeNull();
});

test('a Russian keyboard and an input method do not hide the keys', () => {
  expect(chordOf(press('ф', { code: 'KeyA' }))).toBe('a');
  expect(chordOf(press('Process', { code: 'Digit1' }))).toBe('1');
  expect(chordOf(press('a', { isComposing: true }))).toBeNull();
});

test('keys are printed as they are written on a keyboard', () => {
  expect(['Enter', 'Ctrl+Shift+Z', 'q', '+', 'Alt+ArrowLeft'].map(showKey)).toEqual(['↵', 'Ctrl ⇧ Z', 'Q', '+', 'Alt ←']);
});

test('the cursor moves by words and is stretched with Shift', () => {
  const words: [number, number][] = [
    [0, 3],
    [4, 8],
    [9, 12],
  ];
  const first = moveCursor(words, null, 1)!;
  expect(rangeOf(first)).toEqual([0, 3]);
  const second = moveCursor(words, first, 1)!;
  expect(rangeOf(second)).toEqual([4, 8]);
  const both = moveCursor(words, second, 1, true)!;
  expect(rangeOf(both)).toEqual([4, 12]);
  expect(rangeOf(moveCursor(words, both, -1, true)!)).toEqual([4, 8]);
  expect(rangeOf(moveCursor(words, both, -1)!)).toEqual([0, 3]);
  expect(rangeOf(moveCursor(words, second, 'last')!)).toEqual([9, 12]);
  expect(rangeOf(moveCursor(words, cursorAt([9, 12]), 1)!)).toEqual([9, 12]);
  expect(rangeOf(moveCursor(words, cursorAt([3, 4]), 1)!)).toEqual([4, 8]);
  expect(moveCursor([], null, 1)).toBeNull();
  expect(unitsIn(words, [5, 10])).toEqual([1, 2]);
});

test('control characters are shown by name and nothing is lost', () => {
  const text = 'a\u202Eb\u001b[0m\u0085c\n';
  const runs = runsOf(text);
  expect(runs.map(({ text: part }) => part).join('')).toBe(text);
  expect(runs.filter(({ name }) => name).map(({ name }) => name)).toEqual(['RLO', 'ESC', 'U+0085']);
  expect(nameOf('\u0000')).toBe('NUL');
  expect(runsOf('👩‍👩‍👧 字')).toEqual([{ text: '👩‍👩‍👧 字', name: null }]);
});

test('a label and its B- and I- forms share a colour, and a colour that was given is taken', () => {
  const field = { name: 'f', kind: 'tags' as const, labels: ['O', 'B-PER', 'I-PER', 'B-LOC'] };
  const tones = tonesOf(field, { 'B-LOC': { color: '#ff0000' } });
  expect(tones['B-PER']).toEqual(tones['I-PER']);
  expect(tones['O']!.chroma).toBeLessThan(0.02);
  // OKLab hue of pure red: 29.2 degrees.
  expect(tones['B-LOC']!.hue).toBeCloseTo(29.2, 0);
});
