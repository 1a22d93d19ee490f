/** The desks of this window, one a project: one's way back lasts as long as the window, whatever pages one looks at in between. */

import * as api from '$/api/desk';
import type { Project } from '$/api/types';
import { createDesk, type Desk } from './desk.svelte';
import type { Post } from './post.svelte';

const desks = new Map<string, Desk>();

/** The desk of a project that has just been read; a new one where its labels are others by now. */
export function deskOf(project: Project, person: string, post: Post, messageOf: (error: unknown) => string): Desk {
  const known = desks.get(project.name);
  if (known && known.post === post && known.project.schema.version === project.schema.version) {
    known.refresh(project);
    return known;
  }
  known?.stop();
  const desk = createDesk({ project, person, api, post, storage: localStorage, messageOf });
  desks.set(project.name, desk);
  return desk;
}

/** The desk that one was at before, where the project cannot be read just now. */
export function knownDesk(project: string, post: Post): Desk | undefined {
  const known = desks.get(project);
  return known?.post === post && known.upcoming.length > 0 ? known : undefined;
}

/** The person has left. */
export function closeDesks(): void {
  for (const desk of desks.values()) desk.stop();
  desks.clear();
}
