import { call, path } from './client';
import type { HistoryPage, Item, ItemDraft, NextAnswer, Submission, SubmitAnswer } from './types';

export const nextItems = (project: string, count: number, have: string[]): Promise<NextAnswer> =>
  call(path('projects', project, 'desk', 'next'), { method: 'POST', body: { count, have } });

export const submit = (project: string, submission: Submission): Promise<SubmitAnswer> =>
  call(path('projects', project, 'desk', 'submit'), { method: 'POST', body: submission });

export const renew = (project: string, records: string[]): Promise<{ records: string[] }> =>
  call(path('projects', project, 'desk', 'renew'), { method: 'POST', body: { records } });

export const release = (project: string, records: string[]): Promise<unknown> =>
  call(path('projects', project, 'desk', 'release'), { method: 'POST', body: { records }, keepalive: true });

export const saveDraft = (project: string, record: string, draft: ItemDraft): Promise<unknown> =>
  call(path('projects', project, 'drafts', record), { method: 'PUT', body: draft });

export const dropDraft = (project: string, record: string): Promise<unknown> =>
  call(path('projects', project, 'drafts', record), { method: 'DELETE' });

export const history = (project: string, before: string | number | null, limit = 50): Promise<HistoryPage> =>
  call(path('projects', project, 'desk', 'history'), { query: { before, limit } });

export const ownItem = (project: string, record: string): Promise<Item> =>
  call(path('projects', project, 'desk', 'records', record));
