/** What goes on beside the work: signs of life for the clock, and leases renewed. */

import type { Desk } from '$/state/desk.svelte';

const AWAY_MS = 5 * 60_000;
const LOOK_AGAIN_MS = 15_000;

/** Starts it; the answer ends it. */
export function liveWith(desk: Desk): () => void {
  let last = Date.now();
  desk.alive();
  const controller = new AbortController();
  const on = { signal: controller.signal, passive: true };

  const alive = (): void => {
    const now = Date.now();
    if (now - last < 500) return;
    last = now;
    desk.alive();
  };
  const renew = (): void => {
    if (document.hidden || Date.now() - last > AWAY_MS) return;
    // Without a network the leases run out; the server says so when it can be reached again.
    desk.renew().catch(() => undefined);
  };
  const seen = (): void => {
    if (document.hidden) {
      desk.putAside();
      return;
    }
    last = Date.now();
    desk.alive();
    renew();
  };

  for (const kind of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart', 'scroll'] as const) {
    addEventListener(kind, alive, { ...on, capture: true });
  }
  document.addEventListener('visibilitychange', seen, on);
  addEventListener('pagehide', desk.putAside, on);
  const renewing = setInterval(renew, (desk.project.settings.lease_seconds * 1000) / 3);
  const looking = setInterval(() => {
    if (desk.upcoming.length === 0 && !document.hidden) void desk.fetchMore();
  }, LOOK_AGAIN_MS);
  return () => {
    controller.abort();
    desk.putAside();
    clearInterval(renewing);
    clearInterval(looking);
  };
}
