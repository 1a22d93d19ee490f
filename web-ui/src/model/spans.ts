/** Lists of spans as values: always sorted, never changed in place, always within what the field's overlap allows. */

import type { SchemaField, Span } from '$/api/types';

export type Overlap = NonNullable<SchemaField['overlap']>;

export const compareSpans = (a: Span, b: Span): number =>
  a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);

export const sameSpan = (a: Span, b: Span): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2];

/** Whether two spans cannot both stand in a field with this overlap. */
export function clash(a: Span, b: Span, overlap: Overlap): boolean {
  if (a[1] <= b[0] || b[1] <= a[0]) return false;
  if (overlap === 'overlapping') return sameSpan(a, b);
  if (overlap === 'flat') return true;
  if (a[0] === b[0] && a[1] === b[1]) return a[2] === b[2];
  const contains = (outer: Span, inner: Span): boolean => outer[0] <= inner[0] && inner[1] <= outer[1];
  return !contains(a, b) && !contains(b, a);
}

/** With a span more. Those that it cannot stand beside make room: the last word counts, and undo brings them back. */
export function addSpan(spans: readonly Span[], span: Span, overlap: Overlap = 'flat'): Span[] {
  return [...spans.filter((other) => !clash(other, span, overlap)), span].sort(compareSpans);
}

/** With many spans more, as if one after the other were added, in little more time than it takes to sort them. */
export function addSpans(spans: readonly Span[], more: readonly Span[], overlap: Overlap = 'flat'): Span[] {
  const clashes = clashesWith(more, overlap);
  // A span clashes with itself. Where two of the new ones do not go together, the last word counts.
  if (more.some((span) => clashes(span) > 1)) return more.reduce<Span[]>((all, span) => addSpan(all, span, overlap), [...spans]);
  return [...spans.filter((span) => clashes(span) === 0), ...more].sort(compareSpans);
}

/** How many of these spans a span cannot stand beside. */
function clashesWith(spans: readonly Span[], overlap: Overlap): (span: Span) => number {
  const sorted = [...spans].sort(compareSpans);
  /** How far the spans up to each one reach. */
  const reach: number[] = [];
  for (const span of sorted) reach.push(Math.max(reach.at(-1) ?? 0, span[1]));
  return (span) => {
    let found = 0;
    for (let i = startingBefore(sorted, span[1]) - 1; i >= 0 && reach[i]! > span[0]; i -= 1) {
      if (clash(sorted[i]!, span, overlap)) found += 1;
    }
    return found;
  };
}

/** How many of the sorted spans start before an offset. */
function startingBefore(sorted: readonly Span[], offset: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]![0] < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function removeSpan(spans: readonly Span[], span: Span): Span[] {
  return spans.filter((other) => !sameSpan(other, span));
}

export function replaceSpan(spans: readonly Span[], old: Span, next: Span, overlap: Overlap = 'flat'): Span[] {
  return addSpan(removeSpan(spans, old), next, overlap);
}

export type Edge = 'start' | 'end';

/**
 * A span whose edge has moved one unit (a word, or a character) outwards or inwards. `units` are sorted. Null where the text ends or the
 * span would become empty.
 */
export function moveEdge(span: Span, edge: Edge, step: 1 | -1, units: readonly (readonly [number, number])[]): Span | null {
  const [start, end, label] = span;
  if (edge === 'end') {
    const next =
      step > 0 ? units.find((unit) => unit[1] > end)?.[1] : units.findLast((unit) => unit[1] < end && unit[1] > start)?.[1];
    return next === undefined ? null : [start, next, label];
  }
  const next =
    step < 0 ? units.findLast((unit) => unit[0] < start)?.[0] : units.find((unit) => unit[0] > start && unit[0] < end)?.[0];
  return next === undefined ? null : [next, end, label];
}

/** The spans over a character, the shortest first: what a click on nested spans means. */
export function spansAt(spans: readonly Span[], offset: number): Span[] {
  return spans.filter((span) => span[0] <= offset && offset < span[1]).sort((a, b) => a[1] - a[0] - (b[1] - b[0]));
}
