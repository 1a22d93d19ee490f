/** Projects as their owners see them: settings, guidelines, label notes, members, leases. */

import { call, path } from './client';
import type { LeaseRow, Member, NewProject, Notes, Project, ProjectRow, ProjectSettings, Role } from './types';

const at = (project: string, ...rest: string[]): string => path('projects', project, ...rest);

export const listProjects = (): Promise<ProjectRow[]> => call(path('projects'));

export const createProject = (project: NewProject): Promise<unknown> => call(path('projects'), { method: 'POST', body: project });

export const changeSettings = (project: string, change: Partial<ProjectSettings>): Promise<unknown> =>
  call(at(project, 'settings'), { method: 'PATCH', body: change });

export const getGuidelines = (project: string, version?: number): Promise<Project['guidelines']> =>
  call(at(project, 'guidelines'), { query: { version } });

export const saveGuidelines = (project: string, text: string): Promise<Project['guidelines']> =>
  call(at(project, 'guidelines'), { method: 'PUT', body: { text } });

export const saveNotes = (project: string, notes: Notes): Promise<unknown> => call(at(project, 'notes'), { method: 'PUT', body: notes });

export const addLabel = (project: string, field: string, label: string): Promise<unknown> =>
  call(at(project, 'labels'), { method: 'POST', body: { field, label } });

export interface LabelsChanged {
  changed: { annotations: number; decisions: number; gold: number; suggestions: number };
}

/** Renames a label, merges it into another, or (null) removes it; what was said follows. */
export const changeLabel = (project: string, field: string, label: string, to: string | null): Promise<LabelsChanged> =>
  call(at(project, 'labels'), { method: 'PATCH', body: { field, label, to }, timeout: 0 });

export const listMembers = (project: string): Promise<Member[]> => call(at(project, 'members'));

export const setMember = (project: string, name: string, role: Role): Promise<unknown> =>
  call(at(project, 'members', name), { method: 'PUT', body: { role } });

export const removeMember = (project: string, name: string): Promise<unknown> =>
  call(at(project, 'members', name), { method: 'DELETE' });

export const listLeases = (project: string): Promise<LeaseRow[]> => call(at(project, 'leases'));

export const releaseLeases = (project: string, annotator: string): Promise<unknown> =>
  call(at(project, 'leases', annotator), { method: 'DELETE' });
