import { call, path, setCsrf } from './client';
import type { Me } from './types';

function keep(me: Me): Me {
  setCsrf(me.csrf);
  return me;
}

export const getMe = async (): Promise<Me> => keep(await call<Me>(path('me')));
export const needsSetup = (): Promise<{ needed: boolean }> => call(path('setup'));

export const setUp = async (token: string, name: string, password: string): Promise<Me> =>
  keep(await call<Me>(path('setup'), { method: 'POST', body: { token, name, password } }));

export const signIn = async (name: string, password: string): Promise<Me> =>
  keep(await call<Me>(path('session'), { method: 'POST', body: { name, password } }));

export const takeInvite = async (token: string, password: string): Promise<Me> =>
  keep(await call<Me>(path('invite'), { method: 'POST', body: { token, password } }));

export const signOut = (): Promise<null> => call(path('session'), { method: 'DELETE' });
