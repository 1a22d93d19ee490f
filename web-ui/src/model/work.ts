/** What a person has said of one record so far, and what a model suggested that is not settled yet. Pure values. */

import type { Item, SchemaField, Span, Value, Values } from '$/api/types';
import { addSpan, addSpans, clash, removeSpan, sameSpan } from './spans';

export type Tags = (string | null)[];
/** As in `Values`, but tags may still have holes. */
export type Draft = Record<string, Value | Tags>;

export interface Work {
  values: Draft;
  /** Suggestions neither accepted nor dismissed. */
  pending: Draft;
  comment: string;
}

export const isSpans = (field: SchemaField): boolean => field.kind === 'spans';

export function emptyValue(field: SchemaField, item: Pick<Item, 'tokens'>): Value | Tags | undefined {
  if (field.kind === 'spans') return [];
  if (field.kind === 'tags') return (item.tokens ?? []).map(() => (field.labels.includes('O') ? 'O' : null));
  return field.many ? [] : undefined;
}

/** A record's work as it is first shown: a draft, else an own answer, else nothing; suggestions that are not settled wait beside it. */
export function beginWork(fields: readonly SchemaField[], item: Item): Work {
  const kept: Draft = item.draft?.values ?? item.answer?.values ?? {};
  const values: Draft = {};
  const pending: Draft = {};
  for (const field of fields) {
    const value = sayable(field, kept[field.name]) ?? emptyValue(field, item);
    if (value !== undefined) values[field.name] = value;
    const waits = sayable(field, waiting(field.name, item));
    if (waits !== undefined) pending[field.name] = waits;
  }
  return { values, pending, comment: item.answer?.comment ?? '' };
}

/** A value without the labels that the field does not have any more: a draft may be older than the schema. */
function sayable(field: SchemaField, value: Value | Tags | undefined): Value | Tags | undefined {
  const has = (label: string | null): boolean => label !== null && field.labels.includes(label);
  if (value === undefined || typeof value === 'string') return value === undefined || has(value) ? value : undefined;
  if (field.kind === 'tags') return (value as Tags).map((tag) => (has(tag) ? tag : null));
  if (field.kind === 'spans') return (value as Span[]).filter((span) => has(span[2]));
  return (value as string[]).filter(has);
}

/** What of a field's suggestion is not settled: as the draft says; else all of it where nothing was said of the field. */
function waiting(field: string, { draft, answer, suggestions }: Item): Value | Tags | undefined {
  if (draft?.pending) return draft.pending[field];
  const said = draft ? draft.values[field] : answer?.values[field];
  // A draft that does not tell what is pending writes [] for what nobody has touched.
  const untouched = said === undefined || (draft !== null && said.length === 0);
  return untouched ? suggestions[field]?.value : undefined;
}

export const spansOf = (draft: Draft, field: string): Span[] => (draft[field] as Span[] | undefined) ?? [];
export const tagsOf = (draft: Draft, field: string): Tags => (draft[field] as Tags | undefined) ?? [];
export const chosenOf = (draft: Draft, field: string): string[] => {
  const value = draft[field];
  return value === undefined ? [] : typeof value === 'string' ? [value] : (value as string[]);
};

const without = (draft: Draft, field: string): Draft => {
  const { [field]: _, ...rest } = draft;
  return rest;
};

export function setValue(work: Work, field: string, value: Value | Tags | undefined): Work {
  return { ...work, values: value === undefined ? without(work.values, field) : { ...work.values, [field]: value } };
}

function setPending(work: Work, field: string, value: Value | Tags): Work {
  const left = (value as unknown[]).filter((item) => item !== null);
  return { ...work, pending: left.length === 0 ? without(work.pending, field) : { ...work.pending, [field]: value } };
}

/** The label chosen (one of many: added or taken away; the only one: again takes it away). The field's suggestion is settled by it. */
export function choose(work: Work, field: SchemaField, label: string): Work {
  const chosen = chosenOf(work.values, field.name);
  const had = chosen.includes(label);
  const settled = { ...work, pending: without(work.pending, field.name) };
  if (!field.many) return setValue(settled, field.name, had ? undefined : label);
  const next = field.labels.filter((other) => (other === label ? !had : chosen.includes(other)));
  return setValue(settled, field.name, next);
}

/** A span labelled. Suggestions that it cannot stand beside are settled by it: corrected. */
export function labelSpan(work: Work, field: SchemaField, span: Span): Work {
  const overlap = field.overlap ?? 'flat';
  const next = setValue(work, field.name, addSpan(spansOf(work.values, field.name), span, overlap));
  const left = spansOf(work.pending, field.name).filter((other) => !clash(other, span, overlap) && !sameSpan(other, span));
  return setPending(next, field.name, left);
}

/** A span taken away: one's own is deleted, a suggested one dismissed. */
export function dropSpan(work: Work, field: SchemaField, span: Span, suggested: boolean): Work {
  if (suggested) return setPending(work, field.name, removeSpan(spansOf(work.pending, field.name), span));
  return setValue(work, field.name, removeSpan(spansOf(work.values, field.name), span));
}

/** A span with another label or other edges. A suggested one becomes one's own. */
export function changeSpan(work: Work, field: SchemaField, old: Span, next: Span, suggested: boolean): Work {
  return labelSpan(dropSpan(work, field, old, suggested), field, next);
}

export function acceptSpan(work: Work, field: SchemaField, span: Span): Work {
  return labelSpan(work, field, span);
}

/** Tokens labelled, `null` takes the label away (or sets it to O). */
export function tagTokens(work: Work, field: SchemaField, tokens: readonly number[], label: string | null): Work {
  const fallback = field.labels.includes('O') ? 'O' : null;
  const tags = [...tagsOf(work.values, field.name)];
  const pending = [...tagsOf(work.pending, field.name)];
  for (const token of tokens) {
    if (token < 0 || token >= tags.length) continue;
    tags[token] = label ?? fallback;
    if (token < pending.length) pending[token] = null;
  }
  return setPending(setValue(work, field.name, tags), field.name, pending);
}

/** Everything suggested for a field taken over as it is. */
export function acceptField(work: Work, field: SchemaField): Work {
  const pending = work.pending[field.name];
  if (pending === undefined) return work;
  if (field.kind === 'spans') {
    const spans = addSpans(spansOf(work.values, field.name), pending as Span[], field.overlap);
    return setValue({ ...work, pending: without(work.pending, field.name) }, field.name, spans);
  }
  if (field.kind === 'tags') {
    const tags = tagsOf(work.values, field.name).map((tag, i) => (pending as Tags)[i] ?? tag);
    return setValue({ ...work, pending: without(work.pending, field.name) }, field.name, tags);
  }
  const value = field.many ? (typeof pending === 'string' ? [pending] : pending) : typeof pending === 'string' ? pending : pending[0];
  return setValue({ ...work, pending: without(work.pending, field.name) }, field.name, value as Value);
}

export const acceptAll = (work: Work, fields: readonly SchemaField[]): Work => fields.reduce(acceptField, work);

export const dismissAll = (work: Work): Work => ({ ...work, pending: {} });

/** Fields that still lack an answer, with the number of tokens without a label. */
export function missing(work: Work, fields: readonly SchemaField[]): { field: SchemaField; tokens: number }[] {
  const found: { field: SchemaField; tokens: number }[] = [];
  for (const field of fields) {
    const value = work.values[field.name];
    if (field.kind === 'choice' && value === undefined) found.push({ field, tokens: 0 });
    const holes = field.kind === 'tags' ? tagsOf(work.values, field.name).filter((tag) => tag === null).length : 0;
    if (holes > 0) found.push({ field, tokens: holes });
  }
  return found;
}

/** What is sent. Unfinished tags (of a skipped record) are left out; so are tags of a record without tokens. */
export function finished(work: Work, fields: readonly SchemaField[]): Values {
  const values: Values = {};
  for (const field of fields) {
    const value = work.values[field.name];
    if (value === undefined) continue;
    if (field.kind === 'tags' && (value.length === 0 || (value as Tags).includes(null))) continue;
    values[field.name] = value as Value;
  }
  return values;
}

export function shownSuggestions(item: Item): Values {
  return Object.fromEntries(Object.entries(item.suggestions).map(([field, suggestion]) => [field, suggestion.value]));
}
