import { call, path } from './client';
import type { Project } from './types';

export const getProject = (name: string): Promise<Project> => call(path('projects', name));
