/** Every page of the app: one folder a page, loaded when it is first shown. */

import type { Route } from '$/state/router.svelte';

export const routes: Route[] = [
  { pattern: '/p/:project/annotate', view: () => import('./annotate/Annotate.svelte'), full: true },
  { pattern: '/p/:project/annotate/:record', view: () => import('./annotate/Annotate.svelte'), full: true },
];

/** Shown in place of any page to somebody who is not signed in. */
export const signInView: Route['view'] = () => import('./signin/SignIn.svelte');
