/** Hash routes: `#/p/NAME/annotate?x=1`. The view of a route is loaded when it is first shown. */

import type { Component } from 'svelte';

export type Params = Record<string, string>;

export interface ViewProps {
  params: Params;
  query: URLSearchParams;
}

export interface Route {
  /** Parts that begin with a colon are parameters: `/p/:project/review/:record`. */
  pattern: string;
  view: () => Promise<{ default: Component<ViewProps> | Component<Record<string, never>> }>;
  /** Shown without signing in. */
  open?: boolean;
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

export function go(hash: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
  current.place = parseHash(hash);
}

export function startRouter(): void {
  const follow = (): void => {
    current.place = parseHash(location.hash);
  };
  addEventListener('hashchange', follow);
  addEventListener('popstate', follow);
}
