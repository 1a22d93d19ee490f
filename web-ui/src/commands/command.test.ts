import { expect, test } from 'vitest';
import { commandFor, search, type Command } from './command';

const command = (id: string, keys: string[], more: Partial<Command> = {}): Command => ({
  id,
  label: id,
  group: 'record',
  keys,
  when: () => true,
  run: () => undefined,
  ...more,
});
const key = (name: string) => ({ key: name, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false });

test('a key means the first command that has it and can be done', () => {
  const commands = [command('off', ['x'], { when: () => false }), command('on', ['x']), command('later', ['x'])];
  expect(commandFor(commands, key('x'))?.id).toBe('on');
  expect(commandFor(commands, key('y'))).toBeNull();
});

test('while one types, only commands that say so listen', () => {
  const commands = [command('plain', ['x']), command('always', ['y'], { whileTyping: true })];
  expect(commandFor(commands, key('x'), true)).toBeNull();
  expect(commandFor(commands, key('y'), true)?.id).toBe('always');
});

test('the palette finds commands by any words of their names', () => {
  const commands = [command('Accept all', []), command('Accept one', []), command('Skip', [])];
  expect(search(commands, 'ALL acc').map(({ id }) => id)).toEqual(['Accept all']);
  expect(search(commands, '')).toHaveLength(3);
});
