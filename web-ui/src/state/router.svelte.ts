/** Hash routes: `#/p/NAME/annotate?x=1`. The view of a route is loaded when it is first shown. */

import type { Component } from 'svelte';
import type { Role } from '$/api/types';

export type Params = Record<string, string>;

export interface ViewProps {
  params: Params;
  query: URLSearchParams;
}

/** The least role in the project, or an administrator. */
export type Needs = Role | 'admin';

export interface Route {
  /** Parts that begin with a colon are parameters: `/p/:project/review/:record`. */
  pattern: string;
  view: () => Promise<{ default: Component<ViewProps> | Component<Record<string, never>> }>;
  /** Shown without signing in. */
  open?: boolean;
  /** Who the page is for: everybody who is signed in, where it does not say. */
  needs?: Needs;
  /** Fills the window below the bar, with its own scrolling. */
  full?: boolean;
}

export interface Place {
  path: string;
  query: URLSearchParams;
}

/** The place that a hash names. */
export function parseHash(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  return { path: path.startsWith('/') ? path : `/${path}`, query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The parameters with which a path fits a pattern, or null. */
export function matchPath(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/');
  const given = path.replace(/\/+$/, '').split('/');
  if (path === '/') given.push('');
  if (wanted.length !== given.length) return null;
  const params: Params = {};
  for (const [i, part] of wanted.entries()) {
    const value = decode(given[i] ?? '');
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return params;
}

/** A link: `href('/p', name, 'annotate')` -> `#/p/NAME/annotate`. Parts after the first are encoded. */
export function href(base: string, ...parts: (string | number)[]): string {
  return ['#' + base, ...parts.map((part) => encodeURIComponent(String(part)))].join('/');
}

const current = $state<{ place: Place }>({
  place: parseHash(typeof location === 'undefined' ? '' : location.hash),
});

export function place(): Place {
  return current.place;
}

/** Asked before the place changes: whether one may leave it. What is written but not saved asks its writer. */
type Guard = () => boolean;
const guards = new Set<Guard>();

/** Has leaving the place asked about until the answer is called. */
export function guardPlace(guard: Guard): () => void {
  guards.add(guard);
  return () => guards.delete(guard);
}

/** Whether nothing that is not saved holds one here, or whoever wrote it leaves all the same. */
export const mayLeave = (): boolean => [...guards].every((guard) => guard());

/** Nothing holds one here any more: who signs out has been asked. */
export const freePlace = (): void => guards.clear();

export function go(hash: string, options: { replace?: boolean } = {}): void {
  if (!mayLeave()) return;
  if (options.replace) history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
  here = hash;
  current.place = parseHash(hash);
}

/** The hash of the place that is shown. */
let here = typeof location === 'undefined' ? '' : location.hash;

export function startRouter(): void {
  // A link brings two events; the second finds nothing new. By then the address has changed: whoever stays needs it put back.
  const follow = (): void => {
    if (location.hash === here) return;
    if (!mayLeave()) {
      history.pushState(null, '', here || '#/');
      return;
    }
    here = location.hash;
    current.place = parseHash(here);
  };
  addEventListener('hashchange', follow);
  addEventListener('popstate', follow);
}
