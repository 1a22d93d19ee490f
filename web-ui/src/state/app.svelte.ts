/** Who is signed in, and which project is open. */

import { ApiError, setCsrf, whenSignedOut } from '$/api/client';
import { getProject } from '$/api/projects';
import * as session from '$/api/session';
import type { Me, Project, Role } from '$/api/types';
import { inOneLine } from '$/i18n/explain';
import { m } from '$/i18n/index.svelte';
import { closeDesks } from './desks';
import { closePost, openPost } from './post.svelte';
import { toast } from './toasts.svelte';

interface App {
  /** undefined: not known yet. */
  me: Me | null | undefined;
  project: Project | null;
  /** The first owner does not exist yet: only the one-time link helps. */
  setupNeeded: boolean;
  /** Why nothing could be loaded at all. */
  failure: string | null;
}

export const app = $state<App>({ me: undefined, project: null, setupNeeded: false, failure: null });

export function signedIn(me: Me): void {
  app.me = me;
  app.failure = null;
  openPost(me.name, messageOf);
}

export function signedOut(): void {
  closePost();
  closeDesks();
  app.me = null;
  app.project = null;
  setCsrf('');
}

/** What an error says to a person: the server's message and what to do about it. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.status === 0) return m().common.errors.unreachable;
    return inOneLine(error.body);
  }
  return error instanceof Error ? error.message : m().common.errors.unexpected;
}

/** Runs what a person asked for; a failure is shown, and answered with null. */
export async function attempt<T>(run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) toast(messageOf(error), 'bad');
    return null;
  }
}

export async function start(): Promise<void> {
  whenSignedOut(() => {
    if (app.me) toast(m().common.errors.signedOut, 'bad');
    signedOut();
  });
  try {
    signedIn(await session.getMe());
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) {
      app.failure = messageOf(error);
      return;
    }
    app.setupNeeded = (await attempt(session.needsSetup))?.needed ?? false;
    app.me = null;
  }
}

/** Opens a project (once; `fresh` reads it again). */
export async function openProject(name: string, fresh = false): Promise<Project> {
  if (!fresh && app.project?.name === name) return app.project;
  const project = await getProject(name);
  app.project = project;
  return project;
}

const RANK: Record<Role, number> = { viewer: 0, annotator: 1, reviewer: 2, owner: 3 };

/** Whether the person has this role, or more, in a project. */
export function may(role: Role, project: string | undefined = app.project?.name): boolean {
  if (!app.me) return false;
  if (app.me.admin) return true;
  const held = app.me.projects.find((entry) => entry.name === project)?.role;
  return held !== undefined && RANK[held] >= RANK[role];
}
