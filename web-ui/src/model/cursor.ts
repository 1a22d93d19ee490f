/** The text cursor: a stretch of units (words, characters or tokens) between the one it began at and the one it moves. */

import type { Offsets } from '$/api/types';
import { wordAfter } from './snap';

export interface Cursor {
  anchor: Offsets;
  focus: Offsets;
}

export const rangeOf = (cursor: Cursor): Offsets => [
  Math.min(cursor.anchor[0], cursor.focus[0]),
  Math.max(cursor.anchor[1], cursor.focus[1]),
];

export const cursorAt = (range: Offsets): Cursor => ({ anchor: range, focus: range });

/** One unit on (`step` 1) or back, or to the text's edge; with `extend` the other end stays. Without a cursor: the first or last unit. */
export function moveCursor(
  units: readonly Offsets[],
  cursor: Cursor | null,
  step: 1 | -1 | 'first' | 'last',
  extend = false,
): Cursor | null {
  if (units.length === 0) return null;
  let to: number;
  if (step === 'first' || (cursor === null && step === 1)) to = 0;
  else if (step === 'last' || cursor === null) to = units.length - 1;
  else to = neighbour(units, extend ? cursor.focus : rangeOf(cursor), step);
  const unit = units[Math.min(Math.max(to, 0), units.length - 1)]!;
  return extend && cursor ? { anchor: cursor.anchor, focus: unit } : cursorAt(unit);
}

function neighbour(units: readonly Offsets[], from: Offsets, step: 1 | -1): number {
  if (step === 1) return wordAfter(units, Math.max(from[1] - 1, from[0])) + (holds(units, from[1] - 1) ? 1 : 0);
  return wordAfter(units, from[0]) - 1;
}

const holds = (units: readonly Offsets[], offset: number): boolean => {
  const unit = units[wordAfter(units, offset)];
  return unit !== undefined && unit[0] <= offset;
};

/** The indices of the units that a range touches. */
export function unitsIn(units: readonly Offsets[], range: Offsets): number[] {
  const found: number[] = [];
  for (let i = wordAfter(units, range[0]); i < units.length && units[i]![0] < range[1]; i += 1) found.push(i);
  return found;
}
