/** Active seconds: time between signs of life, without idle stretches (beyond `idle` seconds) and without hidden time. */

export interface Timer {
  /** Milliseconds counted so far. */
  counted: number;
  /** Of the last sign of life; null while the page is hidden or the timer stands. */
  since: number | null;
}

export const IDLE_MS = 30_000;

export const newTimer = (now: number | null = null): Timer => ({ counted: 0, since: now });

function gap(timer: Timer, now: number): number {
  return timer.since === null ? 0 : Math.min(Math.max(0, now - timer.since), IDLE_MS);
}

/** A sign of life. */
export const touch = (timer: Timer, now: number): Timer => ({ counted: timer.counted + gap(timer, now), since: now });

/** Hidden, or put aside: time stands still until the next `touch`. */
export const pause = (timer: Timer, now: number): Timer => ({ counted: timer.counted + gap(timer, now), since: null });

export const secondsOf = (timer: Timer, now: number): number => Math.round((timer.counted + gap(timer, now)) / 100) / 10;
