/** Looking: records, what is known of one, review, the dashboard. */

import { call, path, type Options } from './client';
import type { Dashboard, Page, QualityLook, RecordHistory, RecordPage, ReviewRecord, ReviewRow, Values } from './types';

export const browseRecords = (project: string, query: Options['query'], signal?: AbortSignal): Promise<RecordPage> =>
  call(path('projects', project, 'records'), { query, ...(signal ? { signal } : {}) });

export const getRecord = (project: string, record: string): Promise<RecordHistory> => call(path('projects', project, 'records', record));

export const listReview = (project: string, after: string | number | null, limit = 50): Promise<Page<ReviewRow>> =>
  call(path('projects', project, 'review'), { query: { after, limit } });

export const getReview = (project: string, record: string): Promise<ReviewRecord> => call(path('projects', project, 'review', record));

export const adjudicate = (
  project: string,
  record: string,
  decision: { id: string; values: Values; comment?: string },
): Promise<{ next_record?: string | null }> => call(path('projects', project, 'review', record), { method: 'POST', body: decision });

export const getDashboard = (project: string): Promise<Dashboard> => call(path('projects', project, 'dashboard'));

export const getQuality = (project: string): Promise<QualityLook> => call(path('projects', project, 'quality'));
