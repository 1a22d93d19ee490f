/** What a person may see. The server decides; this is so that nobody is shown a page that it would refuse. */

import { app, may } from './app.svelte';
import type { Needs } from './router.svelte';

/** Whether a page is for this person. In a project one is not in, the server says that there is none. */
export function mayEnter(needs: Needs | undefined, project: string | undefined): boolean {
  if (needs === undefined) return true;
  if (needs === 'admin') return app.me?.admin ?? false;
  return may(needs, project) || !may('viewer', project);
}

/** Whether one may see what others have said: annotators of a blind project may not. Until the project is known, they may not either. */
export const mayLook = (project: string | undefined): boolean =>
  !may('annotator', project) || may('reviewer', project) || (app.project?.name === project && app.project?.settings.blind === false);
