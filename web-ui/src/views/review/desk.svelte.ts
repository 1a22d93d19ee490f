/** A reviewer's desk: one record with all its answers, the merge in progress, and the way back. Editors work on it as on an annotator's. */

import type { Doubt, Item, Project, ReviewAnswer, ReviewRecord, Value } from '$/api/types';
import { m } from '$/i18n/index.svelte';
import { allDisputes, type Dispute, type Voice } from '$/model/compare';
import { edited, keyOf, settle, startMerge, takeAnswer, type Merge } from '$/model/merge';
import { emptyValue, type Draft, type Work } from '$/model/work';
import { createStore } from '$/state/store.svelte';
import { watchUndo } from '$/state/undo.svelte';

interface State {
  work: Work;
  open: ReadonlySet<string>;
}

/** Flagged answers are answers; only who skipped has said nothing. */
export const saysSomething = (answer: ReviewAnswer): boolean => answer.status !== 'skipped';

export type ReviewDesk = ReturnType<typeof createReviewDesk>;

export function createReviewDesk(project: Project, record: ReviewRecord) {
  const fields = project.schema.fields;
  const counted = record.answers.filter((answer) => answer.counted);
  const voices: Voice[] = counted.map(({ annotator, values }) => ({ annotator, values }));
  const disputes = allDisputes(fields, voices);
  const item = itemOf(record);
  const store = createStore<State>(begin());
  const undo = watchUndo(store, (_, kept) => kept);

  /** Adjudicated gold is where the last review ended, and gold is all there is without answers; else these are the beginning. */
  function begin(): State {
    const decided = voices.length === 0 || fields.some((field) => record.gold[field.name]?.method === 'adjudicated');
    const merge = decided ? { values: goldValues(), open: new Set<string>() } : startMerge(fields, voices);
    return { work: { values: filled(merge.values), pending: {}, comment: '' }, open: merge.open };
  }

  function goldValues(): Draft {
    return Object.fromEntries(Object.entries(record.gold).map(([name, gold]) => [name, gold.value]));
  }

  function filled(values: Draft): Draft {
    const all: Draft = {};
    for (const field of fields) {
      const value = values[field.name] ?? emptyValue(field, item);
      if (value !== undefined) all[field.name] = value;
    }
    return all;
  }

  const merge = (): Merge => ({ values: store.state.work.values, open: store.state.open });

  function put(name: string, next: Merge): void {
    store.change(name, { work: { ...store.state.work, values: next.values }, open: next.open });
  }

  return {
    project,
    fields,
    record,
    disputes,
    counted,
    voices,
    doubts: (record.doubts ?? []).filter((doubt) => fields.some((field) => field.name === doubt.field)),
    get current(): { item: Item; work: Work } {
      return { item, work: store.state.work };
    },
    get open(): ReadonlySet<string> {
      return store.state.open;
    },
    isOpen: (dispute: Dispute): boolean => store.state.open.has(keyOf(dispute)),
    edit(name: string, change: (work: Work) => Work): void {
      const before = store.state.work;
      const work = change(before);
      if (work === before) return;
      const open = edited(fields, merge(), work.values, disputes).open;
      store.change(name, { work, open });
    },
    settle(dispute: Dispute, part: Value): void {
      put(m().review.commands.pick, settle(fields.find((field) => field.name === dispute.field)!, merge(), dispute, part));
    },
    take(answer: ReviewAnswer): void {
      put(m().review.commands.takeAnswer, takeAnswer(merge(), answer));
    },
    /** Puts what is proposed in the place of what is doubted. */
    propose(doubt: Doubt): void {
      if (doubt.proposed === null) return;
      const values = { ...store.state.work.values, [doubt.field]: doubt.proposed };
      put(m().review.takeProposal, edited(fields, merge(), values, disputes));
    },
    undo: (): boolean => undo.undo() !== null,
    redo: (): boolean => undo.redo() !== null,
  };
}

function itemOf(record: ReviewRecord): Item {
  return {
    record: record.record,
    text: record.text,
    tokens: record.tokens,
    words: record.words,
    meta: record.meta,
    group: null,
    kind: 'review',
    leased_until: null,
    draft: null,
    answer: null,
    suggestions: {},
  };
}
