import { expect, it } from 'vitest';
import { inviteLink } from './link';

const HERE = 'https://labels.example.org/app/#/users';

it('an invitation is a whole address under which the app is mounted', () => {
  expect(inviteLink('a-b_c', HERE)).toBe('https://labels.example.org/app/#/invite/a-b_c');
  expect(inviteLink('/#/invite/a-b_c', HERE)).toBe('https://labels.example.org/app/#/invite/a-b_c');
  expect(inviteLink('https://other.example.org/#/invite/x', HERE)).toBe('https://other.example.org/#/invite/x');
});
