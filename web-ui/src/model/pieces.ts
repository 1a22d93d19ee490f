/**
 * How spans are drawn: every span gets a lane (a line under the text; the inner the nearer), and the text is cut at every edge, so that
 * a piece is covered by the same spans from end to end.
 */

import type { Span } from '$/api/types';

export interface Mark {
  start: number;
  end: number;
  label: string;
  /** Which field it belongs to. */
  field: string;
  suggested: boolean;
  selected: boolean;
  score?: number | null;
}

export interface Laned extends Mark {
  lane: number;
}

export interface Cover {
  mark: Laned;
  first: boolean;
  last: boolean;
}

export interface Piece {
  start: number;
  end: number;
  /** Outermost (highest lane) first. */
  covers: Cover[];
  cursor: boolean;
}

export interface Chunk {
  start: number;
  end: number;
}

/** Lanes, the shortest span first, each in the lowest lane that is free along its whole length. */
export function assignLanes(marks: readonly Mark[]): Laned[] {
  const lanes: { start: number; end: number }[][] = [];
  const order = [...marks].sort((a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start);
  const laned: Laned[] = [];
  for (const mark of order) {
    let lane = 0;
    while (lanes[lane] && !isFree(lanes[lane]!, mark)) lane += 1;
    insert((lanes[lane] ??= []), mark);
    laned.push({ ...mark, lane });
  }
  return laned.sort((a, b) => a.start - b.start || b.end - a.end || b.lane - a.lane);
}

function placeIn(lane: { start: number }[], start: number): number {
  let low = 0;
  let high = lane.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lane[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The spans of a lane never overlap, so only the neighbours can be in the way. */
function isFree(lane: { start: number; end: number }[], mark: Mark): boolean {
  const at = placeIn(lane, mark.start);
  const before = lane[at - 1];
  const after = lane[at];
  return !(before && before.end > mark.start) && !(after && after.start < mark.end);
}

function insert(lane: { start: number; end: number }[], mark: Mark): void {
  lane.splice(placeIn(lane, mark.start), 0, { start: mark.start, end: mark.end });
}

/**
 * The pieces of the text between `from` and `to`. `marks` are those that touch it, in any order; `cursor` is the token cursor's range.
 */
export function cut(from: number, to: number, marks: readonly Laned[], cursor: readonly [number, number] | null): Piece[] {
  const edges = new Set([from, to]);
  const add = (at: number): void => {
    if (at > from && at < to) edges.add(at);
  };
  for (const mark of marks) {
    add(mark.start);
    add(mark.end);
  }
  if (cursor) cursor.forEach(add);
  const cuts = [...edges].sort((a, b) => a - b);
  const byLane = [...marks].sort((a, b) => b.lane - a.lane);
  return cuts.slice(0, -1).map((start, i) => {
    const end = cuts[i + 1]!;
    const covers = byLane
      .filter((mark) => mark.start < end && mark.end > start)
      .map((mark) => ({ mark, first: mark.start === start, last: mark.end === end }));
    return { start, end, covers, cursor: cursor !== null && cursor[0] < end && cursor[1] > start };
  });
}

/** For each chunk, the marks that touch it. Marks sorted by start, chunks in order. */
export function spread(chunks: readonly Chunk[], marks: readonly Laned[]): Laned[][] {
  const found: Laned[][] = chunks.map(() => []);
  let first = 0;
  for (const mark of marks) {
    while (first < chunks.length - 1 && chunks[first]!.end <= mark.start) first += 1;
    for (let i = first; i < chunks.length && chunks[i]!.start < mark.end; i += 1) {
      if (chunks[i]!.end > mark.start) found[i]!.push(mark);
    }
  }
  return found;
}

export interface Line {
  start: number;
  end: number;
  chunks: Chunk[];
}

/** A paragraph beyond this is drawn as several blocks: a browser lays a block out as a whole, at every change. */
const LONGEST_BLOCK = 3000;
const CHUNK = 400;

/**
 * Lines of the text (without their line feeds), each cut into chunks at white space or, in scripts without it, anywhere a character
 * ends. Only chunks that change are drawn anew. Offsets are code points.
 */
export function splitLines(characters: readonly string[], size = CHUNK, longest = LONGEST_BLOCK): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let i = 0; i <= characters.length; i += 1) {
    if (i < characters.length && characters[i] !== '\n') continue;
    for (const block of divide(characters, start, i, longest)) {
      lines.push({ ...block, chunks: divide(characters, block.start, block.end, size) });
    }
    start = i + 1;
  }
  return lines;
}

const JOINS = /^[\p{M}\u200d\ufe0f\u{1f3fb}-\u{1f3ff}]/u;

function divide(characters: readonly string[], start: number, end: number, size: number): Chunk[] {
  const parts: Chunk[] = [];
  let from = start;
  while (end - from > size * 1.5) {
    const to = cutPoint(characters, from + size, Math.min(end, from + Math.floor(size * 1.4)), end);
    parts.push({ start: from, end: to });
    from = to;
  }
  parts.push({ start: from, end });
  return parts;
}

function cutPoint(characters: readonly string[], wanted: number, limit: number, end: number): number {
  let to = wanted;
  while (to < limit && characters[to - 1] !== ' ') to += 1;
  if (characters[to - 1] !== ' ') to = wanted;
  while (to < end && (JOINS.test(characters[to]!) || characters[to - 1] === '\u200d')) to += 1;
  return to;
}

export const toMark = (span: Span, field: string, more: Partial<Mark> = {}): Mark => ({
  start: span[0],
  end: span[1],
  label: span[2],
  field,
  suggested: false,
  selected: false,
  ...more,
});
