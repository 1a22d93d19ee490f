/** One's own password and tokens; the administrator's users. */

import { call, path } from './client';
import type { Token, User } from './types';

export const changePassword = (old: string, fresh: string): Promise<unknown> =>
  call(path('me', 'password'), { method: 'POST', body: { old, new: fresh } });

export const listTokens = (): Promise<Token[]> => call(path('me', 'tokens'));

export const createToken = (label: string): Promise<Token & { token: string }> =>
  call(path('me', 'tokens'), { method: 'POST', body: { label } });

export const revokeToken = (id: Token['id']): Promise<unknown> => call(path('me', 'tokens', id), { method: 'DELETE' });

export const listUsers = (): Promise<User[]> => call(path('users'));

export const createUser = (name: string, admin: boolean): Promise<{ name: string; invite: string }> =>
  call(path('users'), { method: 'POST', body: { name, admin } });

export const resetUser = (name: string): Promise<{ invite: string }> => call(path('users', name, 'reset'), { method: 'POST' });

export const deleteUser = (name: string): Promise<unknown> => call(path('users', name), { method: 'DELETE' });
