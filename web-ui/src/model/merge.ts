/** Out of several answers one: what they agree on is taken, the rest is settled place by place. */

import type { SchemaField, Value } from '$/api/types';
import { allDisputes, bySpan, spansOf, within, type Dispute, type Voice } from './compare';
import type { Draft, Tags } from './work';

/** A merge in progress: the values so far, and the disputes that neither a majority nor the reviewer has settled. */
export interface Merge {
  values: Draft;
  open: ReadonlySet<string>;
}

/** A name for a dispute within its record. */
export function keyOf(dispute: Dispute): string {
  return `${dispute.field} ${dispute.start} ${dispute.end}`;
}

/** What all agree on, the majority's option where there is one, and the other disputes open. */
export function startMerge(fields: readonly SchemaField[], voices: readonly Voice[]): Merge {
  const values: Draft = {};
  for (const field of fields) {
    const first = voices.find((voice) => voice.values[field.name] !== undefined);
    if (first) values[field.name] = copy(first.values[field.name]!);
  }
  let merge: Merge = { values, open: new Set() };
  const open = new Set<string>();
  for (const dispute of allDisputes(fields, voices)) {
    const field = fields.find((candidate) => candidate.name === dispute.field)!;
    const winner = majority(dispute);
    if (winner === null) open.add(keyOf(dispute));
    merge = { values: putPart(field, merge.values, dispute, winner ?? undecided(field, dispute)), open };
  }
  return merge;
}

/** The option that has more votes than any other; null where the first are level. */
function majority(dispute: Dispute): Value | null {
  const [first, second] = dispute.options;
  return first && (!second || first.voters.length > second.voters.length) ? first.part : null;
}

/** What stands at a place until it is settled: nothing, and for tags, one a token, so many holes. */
function undecided(field: SchemaField, dispute: Dispute): Value | Tags | undefined {
  if (field.kind === 'choice') return undefined;
  return field.kind === 'spans' ? [] : new Array<null>(dispute.end - dispute.start).fill(null);
}

/** The merge with one dispute settled by a part of a value: one of the options, or `[]` for no span there. */
export function settle(field: SchemaField, merge: Merge, dispute: Dispute, part: Value): Merge {
  const open = new Set(merge.open);
  open.delete(keyOf(dispute));
  return { values: putPart(field, merge.values, dispute, part), open };
}

/** The merge with one whole answer taken: nothing is open any more in the fields that it has. */
export function takeAnswer(merge: Merge, voice: Voice, only?: string): Merge {
  const taken = Object.entries(voice.values).filter(([name]) => only === undefined || name === only);
  const names = new Set(taken.map(([name]) => name));
  const values = { ...merge.values, ...Object.fromEntries(taken.map(([name, value]) => [name, copy(value)])) };
  return { values, open: new Set([...merge.open].filter((key) => !names.has(key.replace(/ \d+ \d+$/, '')))) };
}

/** The merge after it was edited by hand: disputes whose place the edit changed count as settled. */
export function edited(fields: readonly SchemaField[], merge: Merge, values: Draft, disputes: readonly Dispute[]): Merge {
  const open = new Set(merge.open);
  for (const dispute of disputes) {
    const field = fields.find((candidate) => candidate.name === dispute.field)!;
    if (!same(partAt(field, merge.values, dispute), partAt(field, values, dispute))) open.delete(keyOf(dispute));
  }
  return { values, open };
}

/** Which option of a dispute the values hold now; -1 for something else. */
export function chosenOption(field: SchemaField, values: Draft, dispute: Dispute): number {
  const part = partAt(field, values, dispute);
  return part === undefined ? -1 : dispute.options.findIndex((option) => same(option.part, part));
}

function partAt(field: SchemaField, values: Draft, dispute: Dispute): Value | Tags | undefined {
  const value = values[field.name];
  if (value === undefined || field.kind === 'choice') return value;
  if (field.kind === 'spans') return within(spansOf(value as Value), dispute.start, dispute.end);
  return (value as Tags).slice(dispute.start, dispute.end);
}

function putPart(field: SchemaField, values: Draft, dispute: Dispute, part: Value | Tags | undefined): Draft {
  const next = { ...values };
  if (part === undefined) {
    delete next[field.name];
  } else if (field.kind === 'choice') {
    next[field.name] = copy(part as Value);
  } else if (field.kind === 'spans') {
    const kept = spansOf(values[field.name] as Value | undefined).filter((span) => span[0] >= dispute.end || span[1] <= dispute.start);
    next[field.name] = [...kept, ...spansOf(part as Value)].sort(bySpan);
  } else {
    const tags = [...((values[field.name] as Tags | undefined) ?? [])];
    tags.splice(dispute.start, dispute.end - dispute.start, ...(part as Tags));
    next[field.name] = tags;
  }
  return next;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function copy(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
