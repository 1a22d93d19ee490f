import { expect, it } from 'vitest';
import { formatBytes, formatDay, formatSeconds, formatShare } from './format';

it('writes active time in the unit that fits', () => {
  expect(formatSeconds(8.43, 'en')).toBe('8.4 sec');
  expect(formatSeconds(59.99, 'en')).toBe('1 min');
  expect(formatSeconds(200, 'en')).toBe('3 min 20 sec');
  expect(formatSeconds(18720, 'en')).toBe('5 hr 12 min');
  expect(formatSeconds(3599.7, 'en')).toBe('1 hr');
  expect(formatSeconds(200, 'zh-CN')).toBe('3分钟 20秒');
});

it('writes a dash where there is nothing', () => {
  expect([formatSeconds(null, 'en'), formatShare(undefined, 'en'), formatShare(Number.NaN, 'en')]).toEqual(['–', '–', '–']);
});

it('writes shares, days and sizes', () => {
  expect(formatShare(0.843, 'en')).toBe('84%');
  expect(formatDay('2026-11-24', 'en')).toBe('Nov 24');
  expect(formatDay('2026-11-24', 'zh-CN')).toBe('11月24日');
  expect(formatBytes(999, 'en')).toBe('999 byte');
  expect(formatBytes(1_540_000, 'en')).toBe('1.5 MB');
  expect(formatBytes(0, 'en')).toBe('0 byte');
});
