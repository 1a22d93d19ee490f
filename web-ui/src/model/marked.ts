/** A text with spans, cut for reading: in chunks, so that long texts with thousands of spans stay quick, and with one stretch in focus. */

import type { Span } from '$/api/types';
import { assignLanes, cut, splitLines, spread, toMark, type Piece } from './pieces';

export interface ReadPiece extends Piece {
  text: string;
}

/** The pieces of a text from its beginning to its end, line feeds included. Spans outside of the text are left out. */
export function readPieces(text: string, spans: readonly Span[]): ReadPiece[] {
  const characters = [...text];
  const inside = spans.filter(([start, end]) => start >= 0 && start < end && end <= characters.length);
  const marks = assignLanes(inside.map((span) => toMark(span, '')));
  const lines = splitLines(characters);
  const touching = spread(
    lines.flatMap((line) => line.chunks),
    marks,
  );
  const withText = (piece: Piece): ReadPiece => ({ ...piece, text: characters.slice(piece.start, piece.end).join('') });
  const pieces: ReadPiece[] = [];
  let at = 0;
  for (const [n, line] of lines.entries()) {
    for (const chunk of line.chunks) pieces.push(...cut(chunk.start, chunk.end, touching[at++]!, null).map(withText));
    // A line that was cut because of its length has no line feed after it.
    const end = lines[n + 1]?.start ?? characters.length;
    if (end > line.end) pieces.push(withText({ start: line.end, end, covers: [], cursor: false }));
  }
  return pieces.filter((piece) => piece.end > piece.start);
}

/** The same pieces with a stretch of the text in focus: only those that it touches are new. */
export function focusOn(pieces: readonly ReadPiece[], focus: readonly [number, number] | null): readonly ReadPiece[] {
  if (!focus) return pieces;
  return pieces.flatMap((piece) => {
    if (piece.end <= focus[0] || piece.start >= focus[1]) return [piece];
    const characters = [...piece.text];
    const edges = [piece.start, Math.max(piece.start, focus[0]), Math.min(piece.end, focus[1]), piece.end];
    return edges.slice(0, -1).flatMap((start, n): ReadPiece[] => {
      const end = edges[n + 1]!;
      if (start === end) return [];
      const covers = piece.covers.map((cover) => ({ ...cover, first: cover.first && start === piece.start, last: cover.last && end === piece.end }));
      return [{ start, end, covers, cursor: n === 1, text: characters.slice(start - piece.start, end - piece.start).join('') }];
    });
  });
}
