/** What is pointed at on the annotation screen: the active field, the text cursor, the selected span, an armed label. Not part of undo. */

import { untrack } from 'svelte';
import type { Item, Offsets, Project, SchemaField, Span } from '$/api/types';
import { keysOf } from '$/model/keys';
import { indexText, type TextIndex } from '$/model/offsets';
import { cursorAt, moveCursor, rangeOf, unitsIn, type Cursor } from '$/model/cursor';
import { segmentCharacters, segmentWords, snapped, trimmed } from '$/model/snap';
import { compareSpans, moveEdge, sameSpan, spansAt, type Edge } from '$/model/spans';
import {
  acceptAll,
  acceptField,
  acceptSpan,
  changeSpan,
  choose,
  dismissAll,
  dropSpan,
  labelSpan,
  missing,
  setValue,
  spansOf,
  tagTokens,
  tagsOf,
  type Work,
} from '$/model/work';
import { m } from '$/i18n/index.svelte';

/** What editing needs of a desk: a record, what is said of it so far, and a way to say more. */
export interface EditDesk {
  readonly project: Project;
  readonly fields: readonly SchemaField[];
  readonly current: { readonly item: Item; readonly work: Work } | null;
  edit(name: string, change: (work: Work) => Work): void;
}

export interface Picked {
  field: string;
  span: Span;
  suggested: boolean;
}

export type Session = ReturnType<typeof createSession>;

/** The first question that nothing was said of; the first of all where there is none. */
function firstOpen({ fields, current }: EditDesk): number {
  if (!current) return 0;
  const { work, item } = current;
  const gaps = new Set(missing(work, fields).map(({ field }) => field.name));
  const open = fields.findIndex((field) => {
    if (field.kind === 'tags' && !item.tokens) return false;
    return gaps.has(field.name) || (field.kind !== 'tags' && (work.values[field.name]?.length ?? 0) === 0);
  });
  return Math.max(0, open);
}

/** `chosen` is told when the only question there is has its answer. */
export function createSession(desk: EditDesk, chosen: () => void = () => undefined) {
  let active = $state(untrack(() => firstOpen(desk)));
  let cursor = $state.raw<Cursor | null>(null);
  let picked = $state.raw<Picked | null>(null);
  let armed = $state<string | null>(null);
  let snap = $state(desk.project.settings.snap);
  let hidden = $state(false);

  const item = $derived(desk.current?.item ?? null);
  const work = $derived(desk.current?.work ?? null);
  const record = $derived(item?.record ?? null);
  const index = $derived<TextIndex>(indexText(item?.text ?? ''));
  const words = $derived<Offsets[]>(item?.words ?? item?.tokens ?? segmentWords(item?.text ?? ''));
  const characters = $derived<Offsets[]>(snap ? [] : segmentCharacters(item?.text ?? ''));
  const field = $derived<SchemaField>(desk.fields[active] ?? desk.fields[0]!);
  const units = $derived<Offsets[]>(field.kind === 'tags' ? (item?.tokens ?? []) : snap ? words : characters);
  const allKeys = new Map(desk.fields.map((one) => [one.name, keysOf(one.labels)]));
  const labelKeys = (one: SchemaField): Record<string, string> => allKeys.get(one.name) ?? {};
  const keys = $derived(labelKeys(field));

  function reset(): void {
    cursor = null;
    picked = null;
    hidden = false;
    active = firstOpen(desk);
  }

  /** The spans of the active field that are shown, one's own and suggested, in order. */
  const shown = $derived.by((): Picked[] => {
    if (!work || field.kind !== 'spans') return [];
    const own = spansOf(work.values, field.name).map((span) => ({ field: field.name, span, suggested: false }));
    const offered = hidden ? [] : spansOf(work.pending, field.name).map((span) => ({ field: field.name, span, suggested: true }));
    return [...own, ...offered].sort((a, b) => compareSpans(a.span, b.span));
  });

  /** The picked span, as long as it is there. */
  const pick = $derived(
    picked && work
      ? spansOf(picked.suggested ? work.pending : work.values, picked.field).some((span) => sameSpan(span, picked!.span))
        ? picked
        : null
      : null,
  );

  const fieldOf = (name: string): SchemaField => desk.fields.find((one) => one.name === name) ?? field;

  /** Turns to another question; with `keepCursor` to label there what is selected. */
  function activate(at: number, keepCursor = false): void {
    const to = (at + desk.fields.length) % desk.fields.length;
    if (to === active) return;
    active = to;
    armed = null;
    picked = null;
    if (!keepCursor && field.kind !== 'spans') cursor = null;
  }

  /** What was selected in the text (code points), as it is meant: the words, or exactly that without white space. */
  function meant(start: number, end: number): Offsets | null {
    const inner = trimmed(index, start, end);
    if (!inner) return null;
    return snap || field.kind === 'tags' ? snapped(field.kind === 'tags' ? units : words, ...inner) : inner;
  }

  function selectRange(start: number, end: number): void {
    turnToText();
    const range = meant(start, end);
    picked = null;
    cursor = range ? cursorAt(range) : null;
    if (range && armed !== null) label(armed);
  }

  /** A click: the innermost span there; again, the one around it; else the word. */
  function clickAt(offset: number): void {
    turnToText();
    if (field.kind === 'spans') {
      const there = spansAt(shown.map((one) => one.span), offset);
      const at = there.findIndex((span) => pick && sameSpan(span, pick.span));
      const span = there[(at + 1) % Math.max(1, there.length)];
      const found = span && shown.find((one) => sameSpan(one.span, span));
      if (found) {
        picked = found;
        cursor = null;
        return;
      }
    }
    picked = null;
    cursor = null;
    const range = meant(offset, offset + 1);
    if (range && (armed === null || field.kind === 'tags')) cursor = cursorAt(range);
    if (range && armed !== null && field.kind === 'tags') label(armed);
  }

  /** Who points at the text means a question about the text. */
  function turnToText(): void {
    if (field.kind !== 'choice') return;
    const at = desk.fields.findIndex((one) => one.kind !== 'choice');
    if (at >= 0) activate(at);
  }

  /** Turns to a question that lacks an answer, and to the first token that lacks a label. */
  function showGap(at: number): void {
    activate(at);
    if (field.kind !== 'tags' || !work) return;
    const token = units[tagsOf(work.values, field.name).indexOf(null)];
    if (token) cursor = cursorAt(token);
  }

  /** Picks a span by its label; false where the field's values are no spans. */
  function pickSpan(name: string, span: Span, suggested: boolean): boolean {
    const at = desk.fields.findIndex((one) => one.name === name && one.kind === 'spans');
    if (at < 0) return false;
    activate(at);
    picked = { field: name, span, suggested };
    cursor = null;
    return true;
  }

  function move(step: 1 | -1 | 'first' | 'last', extend = false): void {
    turnToText();
    const from = cursor ?? (pick ? cursorAt([pick.span[0], pick.span[1]]) : null);
    picked = null;
    cursor = moveCursor(units, from, step, extend);
  }

  function pickNext(step: 1 | -1): void {
    if (shown.length === 0) return;
    const at = pick ? shown.findIndex((one) => sameSpan(one.span, pick.span) && one.suggested === pick.suggested) : -1;
    if (at >= 0) picked = shown[(at + step + shown.length) % shown.length]!;
    else {
      const range = cursor && rangeOf(cursor);
      const after = shown.findIndex((one) => !range || one.span[0] >= range[0]);
      picked = step > 0 ? shown[Math.max(after, 0)]! : shown[(after <= 0 ? shown.length : after) - 1]!;
    }
    cursor = null;
  }

  /** Gives a label to what is pointed at, in the active field. */
  function label(name: string): void {
    const target = field;
    if (target.kind === 'choice') {
      chooseIn(target, name);
      return;
    }
    const range = cursor && rangeOf(cursor);
    if (target.kind === 'tags') {
      if (!item?.tokens) return;
      if (range) tag(target, range, name);
      else armed = armed === name ? null : name;
      return;
    }
    if (pick) relabel(pick, name);
    else if (range) {
      const span: Span = [range[0], range[1], name];
      desk.edit(m().annotate.did.labelled(name), (before) => labelSpan(before, target, span));
      picked = { field: target.name, span, suggested: false };
      cursor = null;
    } else armed = armed === name ? null : name;
  }

  function chooseIn(target: SchemaField, name: string): void {
    desk.edit(m().annotate.did.chose(name), (before) => choose(before, target, name));
    const only = desk.fields.length === 1 && !target.many;
    if (only && work?.values[target.name] !== undefined) chosen();
  }

  function relabel(old: Picked, name: string): void {
    const next: Span = [old.span[0], old.span[1], name];
    desk.edit(m().annotate.did.relabelled(name), (before) => changeSpan(before, fieldOf(old.field), old.span, next, old.suggested));
    picked = { ...old, span: next, suggested: false };
  }

  function tag(target: SchemaField, range: Offsets, name: string | null): void {
    const tokens = unitsIn(units, range);
    desk.edit(m().annotate.did.labelled(name ?? 'O'), (before) => tagTokens(before, target, tokens, name));
    if (tokens.length === 1 && armed === null) cursor = moveCursor(units, cursor, 1);
  }

  /** Takes away what is pointed at. */
  function remove(): void {
    const range = cursor && rangeOf(cursor);
    if (field.kind === 'choice') desk.edit(m().annotate.did.cleared, (before) => setValue(before, field.name, field.many ? [] : undefined));
    else if (field.kind === 'tags') {
      if (range) tag(field, range, null);
    } else if (pick) {
      const gone = pick;
      desk.edit(m().annotate.did.deleted, (before) => dropSpan(before, fieldOf(gone.field), gone.span, gone.suggested));
      picked = null;
      cursor = cursorAt([gone.span[0], gone.span[1]]);
    } else if (range) {
      const touched = shown.filter((one) => one.span[0] < range[1] && one.span[1] > range[0]);
      desk.edit(m().annotate.did.deleted, (before) =>
        touched.reduce((next, one) => dropSpan(next, field, one.span, one.suggested), before),
      );
    }
  }

  function resize(edge: Edge, step: 1 | -1): void {
    if (!pick) return;
    const old = pick;
    const next = moveEdge(old.span, edge, step, units);
    if (!next) return;
    desk.edit(m().annotate.did.resized, (before) => changeSpan(before, fieldOf(old.field), old.span, next, old.suggested));
    picked = { ...old, span: next, suggested: false };
  }

  /** Accepts the picked suggestion, else what is suggested for the active field's cursor, and goes on to the next suggestion. */
  function acceptOne(): void {
    const waiting = desk.fields.findIndex((one) => work?.pending[one.name] !== undefined);
    if (work?.pending[field.name] === undefined && waiting >= 0) activate(waiting);
    if (field.kind !== 'spans') {
      desk.edit(m().annotate.did.accepted, (before) => acceptField(before, field));
      return;
    }
    const one = pick?.suggested ? pick : shown.find((other) => other.suggested);
    if (!one) return;
    desk.edit(m().annotate.did.accepted, (before) => acceptSpan(before, field, one.span));
    const next = shown.find((other) => other.suggested && compareSpans(other.span, one.span) > 0) ?? shown.find((other) => other.suggested);
    picked = next ?? null;
    cursor = null;
  }

  const pendingCount = $derived.by(() => {
    let n = 0;
    for (const one of desk.fields) {
      const pending = work?.pending[one.name];
      if (pending !== undefined) n += one.kind === 'spans' ? pending.length : 1;
    }
    return n;
  });

  return {
    get item() {
      return item;
    },
    get work() {
      return work;
    },
    get record() {
      return record;
    },
    get index() {
      return index;
    },
    get field() {
      return field;
    },
    get active() {
      return active;
    },
    get keys() {
      return keys;
    },
    get range() {
      return cursor && rangeOf(cursor);
    },
    get pick() {
      return pick;
    },
    get shown() {
      return shown;
    },
    get armed() {
      return armed;
    },
    get snap() {
      return snap;
    },
    get hidden() {
      return hidden;
    },
    get pendingCount() {
      return pendingCount;
    },
    get units() {
      return units;
    },
    keysOf: labelKeys,
    reset,
    activate,
    showGap,
    selectRange,
    clickAt,
    pickSpan,
    move,
    pickNext,
    label,
    choose: chooseIn,
    remove,
    resize,
    acceptOne,
    acceptEverything: () => desk.edit(m().annotate.did.acceptedAll, (before) => acceptAll(before, desk.fields)),
    dismissEverything: () => desk.edit(m().annotate.did.dismissed, dismissAll),
    toggleSnap: () => {
      snap = !snap;
    },
    toggleHidden: () => {
      hidden = !hidden;
      picked = null;
    },
    deselect: () => {
      cursor = null;
      picked = null;
      armed = null;
    },
  };
}
