/**
 * Answers of several annotators to one record, laid side by side: where they agree, where they differ, who says what.
 *
 * A difference is a `Dispute`: one place (the whole field for a choice, a stretch of text for spans, a run of tokens for tags) with
 * the options that the answers give for it and who gave each. Merging settles disputes one at a time (see `merge.ts`).
 */

import type { SchemaField, Span, Value, Values } from '$/api/types';

/** What comparing needs of an answer. */
export interface Voice {
  annotator: string;
  values: Values;
}

/** One way to settle a dispute: its part of the value (null: no answer to a choice), and who said so. */
export interface Option {
  part: Value;
  voters: string[];
}

export interface Dispute {
  field: string;
  /** For spans code points, for tags token numbers, end exclusive; 0..0 for a choice. */
  start: number;
  end: number;
  /** Most votes first; among equals in the order the answers came. */
  options: Option[];
}

/**
 * How one answer's span stands to the other answers: all have it, some have it, or another has it with another label or other bounds;
 * `missing`: others have it, where this answer has nothing.
 */
export type SpanStanding = 'agreed' | 'label' | 'bounds' | 'partial' | 'alone' | 'missing';

/** The disputes of one field, in the order of the text. Answers that were not asked the field do not count. */
export function disputesOf(field: SchemaField, voices: readonly Voice[]): Dispute[] {
  const asked = voices.filter((voice) => voice.values[field.name] !== undefined);
  if (asked.length < 2) return [];
  return COMPARE[field.kind](field, asked);
}

/** The disputes of all fields, in the schema's order. */
export function allDisputes(fields: readonly SchemaField[], voices: readonly Voice[]): Dispute[] {
  return fields.flatMap((field) => disputesOf(field, voices));
}

const COMPARE: Record<SchemaField['kind'], (field: SchemaField, voices: readonly Voice[]) => Dispute[]> = {
  choice: compareChoices,
  spans: compareSpans,
  tags: compareTags,
};

function compareChoices(field: SchemaField, voices: readonly Voice[]): Dispute[] {
  const options = poll(voices, (voice) => voice.values[field.name]!);
  return options.length > 1 ? [{ field: field.name, start: 0, end: 0, options }] : [];
}

function compareSpans(field: SchemaField, voices: readonly Voice[]): Dispute[] {
  const all = voices.flatMap((voice) => spansOf(voice.values[field.name]));
  const disputes: Dispute[] = [];
  for (const [start, end] of stretches(all)) {
    const options = poll(voices, (voice) => within(spansOf(voice.values[field.name]), start, end));
    if (options.length > 1) disputes.push({ field: field.name, start, end, options });
  }
  return disputes;
}

function compareTags(field: SchemaField, voices: readonly Voice[]): Dispute[] {
  const rows = voices.map((voice) => voice.values[field.name] as readonly string[]);
  const length = Math.max(...rows.map((row) => row.length));
  const disputes: Dispute[] = [];
  for (let start = 0; start < length; start += 1) {
    if (!differs(rows, start)) continue;
    let end = start + 1;
    while (end < length && differs(rows, end)) end += 1;
    const options = poll(voices, (voice) => (voice.values[field.name] as string[]).slice(start, end));
    disputes.push({ field: field.name, start, end, options });
    start = end;
  }
  return disputes;
}

function differs(rows: readonly (readonly string[])[], at: number): boolean {
  return rows.some((row) => row[at] !== rows[0]![at]);
}

/** The options that voices give, each with its voters, the most wanted first. */
function poll(voices: readonly Voice[], part: (voice: Voice) => Value): Option[] {
  const options = new Map<string, Option>();
  for (const voice of voices) {
    const value = part(voice);
    const key = JSON.stringify(value);
    const known = options.get(key);
    if (known) known.voters.push(voice.annotator);
    else options.set(key, { part: value, voters: [voice.annotator] });
  }
  return [...options.values()].sort((a, b) => b.voters.length - a.voters.length);
}

/** Maximal stretches of text in which spans hang together by sharing characters. */
function stretches(spans: readonly Span[]): [number, number][] {
  const found: [number, number][] = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = found[found.length - 1];
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else found.push([start, end]);
  }
  return found;
}

/** The spans that share a character with a stretch, sorted. */
export function within(spans: readonly Span[], start: number, end: number): Span[] {
  return spans.filter((span) => span[0] < end && span[1] > start).sort(bySpan);
}

export function bySpan(a: Span, b: Span): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
}

export function spansOf(value: Value | undefined): Span[] {
  return Array.isArray(value) && (value.length === 0 || Array.isArray(value[0])) ? (value as Span[]) : [];
}

/** How each span of one answer stands to the other answers to the same field. */
export function standingOfSpans(field: SchemaField, mine: Voice, voices: readonly Voice[]): SpanStanding[] {
  const others = voices
    .filter((voice) => voice !== mine && voice.values[field.name] !== undefined)
    .map((voice) => spansOf(voice.values[field.name]));
  const sets = others.map((spans) => new Set(spans.map(String)));
  return spansOf(mine.values[field.name]).map((span) => {
    const having = sets.filter((set) => set.has(String(span))).length;
    return having === sets.length ? 'agreed' : standing(span, having, others.flat());
  });
}

/** How a span stands that not all of the others have. */
function standing(span: Span, having: number, rest: readonly Span[]): SpanStanding {
  const [start, end, label] = span;
  const sameBounds = (other: Span): boolean => other[0] === start && other[1] === end;
  if (rest.some((other) => sameBounds(other) && other[2] !== label)) return 'label';
  if (rest.some((other) => !sameBounds(other) && other[2] === label && other[0] < end && other[1] > start)) return 'bounds';
  return having > 0 ? 'partial' : 'alone';
}

/** The spans of the other answers that share no character with any of this one, each once, sorted. */
export function missingSpans(field: SchemaField, mine: Voice, voices: readonly Voice[]): Span[] {
  if (mine.values[field.name] === undefined) return [];
  const own = spansOf(mine.values[field.name]);
  const others = voices.filter((voice) => voice !== mine).flatMap((voice) => spansOf(voice.values[field.name]));
  const found = new Map(others.map((span) => [String(span), span]));
  const covered = stretches(own);
  return [...found.values()].filter(([start, end]) => !touches(covered, start, end)).sort(bySpan);
}

/** Whether one of these stretches, which are in order and apart, shares a character with start..end. */
function touches(stretches: readonly [number, number][], start: number, end: number): boolean {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle]![1] <= start) low = middle + 1;
    else high = middle;
  }
  return low < stretches.length && stretches[low]![0] < end;
}

/** The token numbers at which one answer's tags differ from some other answer's. */
export function differingTokens(field: SchemaField, voices: readonly Voice[]): Set<number> {
  const found = new Set<number>();
  for (const dispute of disputesOf(field, voices)) for (let at = dispute.start; at < dispute.end; at += 1) found.add(at);
  return found;
}
