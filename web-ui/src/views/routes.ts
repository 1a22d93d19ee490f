/** Every page of the app: one folder a page, loaded when it is first shown. */

import type { Route } from '$/state/router.svelte';

export const routes: Route[] = [
  { pattern: '/setup/:token', view: () => import('./setup/Setup.svelte'), open: true },
  { pattern: '/invite/:token', view: () => import('./invite/Invite.svelte'), open: true },
  { pattern: '/', view: () => import('./projects/Projects.svelte') },
  { pattern: '/new', view: () => import('./projects/NewProject.svelte'), needs: 'admin' },
  { pattern: '/account', view: () => import('./account/Account.svelte') },
  { pattern: '/users', view: () => import('./users/Users.svelte'), needs: 'admin' },
  { pattern: '/p/:project', view: () => import('./projects/Enter.svelte') },
  { pattern: '/p/:project/annotate', view: () => import('./annotate/Annotate.svelte'), needs: 'annotator', full: true },
  { pattern: '/p/:project/annotate/:record', view: () => import('./annotate/Annotate.svelte'), needs: 'annotator', full: true },
  { pattern: '/p/:project/review', view: () => import('./review/Review.svelte'), needs: 'reviewer' },
  { pattern: '/p/:project/review/:record', view: () => import('./review/Record.svelte'), needs: 'reviewer', full: true },
  { pattern: '/p/:project/browse', view: () => import('./browse/Browse.svelte') },
  { pattern: '/p/:project/browse/:record', view: () => import('./browse/Record.svelte') },
  { pattern: '/p/:project/dashboard', view: () => import('./dashboard/Dashboard.svelte') },
  { pattern: '/p/:project/guidelines', view: () => import('./guidelines/Guidelines.svelte') },
  { pattern: '/p/:project/data', view: () => import('./data/Data.svelte'), needs: 'reviewer' },
  { pattern: '/p/:project/settings', view: () => import('./settings/Settings.svelte'), needs: 'owner' },
];

/** Shown in place of any page to somebody who is not signed in. */
export const signInView: Route['view'] = () => import('./signin/SignIn.svelte');
