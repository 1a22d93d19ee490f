import { afterEach, expect, it, vi } from 'vitest';
import { explain, inOneLine } from './explain';
import { setLocale } from './index.svelte';

vi.stubGlobal('localStorage', { setItem: () => undefined, getItem: () => null });
vi.stubGlobal('document', { documentElement: {} });
afterEach(() => setLocale('en'));

const short = { message: 'this cannot be a password', code: 'invalid', reason: 'bad_password', found: '3 characters', expected: '8 to 1,000 characters' };

it('what the server says with a reason is said in Chinese, with its numbers', () => {
  setLocale('zh-CN');
  expect(inOneLine(short)).toBe('密码不符合要求；实际为 3 个字符，应为 8 到 1,000 个字符');
});

it('without a reason, or in English, it is said as the server says it', () => {
  expect(inOneLine(short)).toBe('this cannot be a password; found 3 characters, expected 8 to 1,000 characters');
  setLocale('zh-CN');
  const said = { message: 'something new', code: 'invalid', where: 'a.csv:2' };
  expect(explain(said)).toEqual(said);
  expect(inOneLine(said)).toBe('a.csv:2：something new');
});

it('advice names the control of the page and not the option of the command', () => {
  const said = { message: 'unknown label', code: 'invalid', reason: 'unknown_label', todo: 'goldleaf import --add-labels' };
  expect(explain(said).todo).toContain('Add labels that the project does not have');
});
