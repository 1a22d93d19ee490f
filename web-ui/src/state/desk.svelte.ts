/**
 * The desk: one person's work in one project. It holds the records fetched ahead, what was said of each, and the way back; answers leave
 * through the outbox while the next record is already shown.
 */

import type { Item, ItemDraft, NextAnswer, Project, Status, Submission, Values } from '$/api/types';
import { uuid as newUuid } from '$/model/uuid';
import { beginWork, finished, shownSuggestions, type Work } from '$/model/work';
import { createClocks } from './clocks';
import { keepValues } from './keeping';
import type { Unsent } from './outbox';
import type { Post } from './post.svelte';
import { createStore, type Change } from './store.svelte';
import { createSupply } from './supply.svelte';
import { watchUndo } from './undo.svelte';

export interface WorkApi {
  nextItems(project: string, count: number, have: string[]): Promise<NextAnswer>;
  renew(project: string, records: string[]): Promise<{ records: string[] }>;
  release(project: string, records: string[]): Promise<unknown>;
  saveDraft(project: string, record: string, draft: ItemDraft): Promise<unknown>;
  dropDraft(project: string, record: string): Promise<unknown>;
  ownItem(project: string, record: string): Promise<Item>;
}

/** What undo brings back: which record is open, and what was said of each. */
export interface DeskState {
  /** The open record; null: the first of the queue. */
  opened: string | null;
  works: Readonly<Record<string, Work>>;
}

/** The last answer of this person to a record, as far as this window knows. */
export interface Answered {
  /** Made here; null when it was given before this window was opened. */
  id: string | null;
  annotation: string | number | null;
  status: Status;
  said: string;
  /** The work as it was handed in. */
  work?: Work;
}

export interface Answer {
  status: Status;
  reason?: string;
  comment?: string;
}

const DRAFT_MS = 900;

const sayOf = (values: Values, answer: Answer): string => JSON.stringify([values, answer.status, answer.reason, answer.comment]);

export interface DeskParts {
  project: Project;
  person: string;
  api: WorkApi;
  post: Post;
  storage: Storage;
  now?: () => number;
  uuid?: () => string;
  messageOf: (error: unknown) => string;
}

export type Desk = ReturnType<typeof createDesk>;

export function createDesk(parts: DeskParts) {
  const { api, post } = parts;
  const now = parts.now ?? Date.now;
  const uuid = parts.uuid ?? newUuid;
  const { name, schema } = parts.project;
  const fields = schema.fields;
  const place = `${encodeURIComponent(parts.person)}/${encodeURIComponent(name)}/`;

  const store = createStore<DeskState>({ opened: null, works: {} });
  const undo = watchUndo(store, (_, kept) => kept);
  const items = new Map<string, Item>();
  const answered = new Map<string, Answered>();
  const acts = new WeakMap<Change<DeskState>, { record: string; answer: Answer }>();
  const drafts = keepValues<ItemDraft>(parts.storage, `goldleaf.draft/${place}`);
  const clocks = createClocks(parts.storage, `goldleaf.time/${place}`, now, (record) => items.get(record)?.draft?.seconds ?? 0);
  let project = $state.raw(parts.project);
  let lost = $state.raw<ReadonlySet<string>>(new Set());
  let draftAlarm: ReturnType<typeof setTimeout> | undefined;

  const supply = createSupply({
    next: (count, have) => api.nextItems(name, count, have),
    storage: parts.storage,
    place,
    answered: () => post.state.unsent.filter((entry) => entry.project === name).map((entry) => entry.submission.record),
    current: () => currentId(),
    textOf: (record) => items.get(record)?.text ?? '',
    arrived(fresh) {
      for (const item of fresh) {
        items.set(item.record, item);
        answered.delete(item.record);
      }
    },
    messageOf: parts.messageOf,
  });

  post.attend(name, {
    wants: supply.wants,
    taken: ({ submission }, answer) => {
      const last = answered.get(submission.record);
      if (last?.id === submission.id) answered.set(submission.record, { ...last, annotation: answer.annotation });
      supply.receive(answer);
    },
    elsewhere(record) {
      // What has been worked on here stays: the server will say that it was answered.
      if (!supply.upcoming.includes(record) || store.state.works[record]) return;
      supply.drop([record]);
      void supply.more();
    },
  });

  const currentId = (): string | null => store.state.opened ?? supply.upcoming[0] ?? null;

  function itemOf(record: string | null): Item | null {
    return record === null ? null : (items.get(record) ?? null);
  }

  function workOf(record: string | null): Work | null {
    const item = itemOf(record);
    if (!item || record === null) return null;
    const said = store.state.works[record];
    if (said) return said;
    const kept = drafts.get(record);
    return beginWork(fields, kept ? { ...item, draft: kept } : item);
  }

  const current = $derived.by(() => {
    const record = currentId();
    const item = itemOf(record);
    const work = workOf(record);
    return item && work ? { item, work, correcting: answered.has(item.record) || item.answer !== null } : null;
  });

  /** Names the open record, and what was said of it, before a step: taking the step back leads there, wherever the queue is by then. */
  function pin(): string | null {
    const record = currentId();
    const work = workOf(record);
    if (record === null || !work) return record;
    const { opened, works } = store.state;
    if (opened !== record || works[record] !== work) {
      store.change('open', { opened: record, works: { ...works, [record]: work } }, { undoable: false });
    }
    return record;
  }

  /** Says something else of the current record: one step of undo. */
  function edit(step: string, change: (work: Work) => Work): void {
    const record = currentId();
    const before = workOf(record);
    if (record === null || !before) return;
    const after = change(before);
    if (after === before || JSON.stringify(after) === JSON.stringify(before)) return;
    pin();
    alive();
    store.change(step, { ...store.state, works: { ...store.state.works, [record]: after } });
    keepDraft(record, after);
  }

  function keepDraft(record: string, { values, pending }: Work): void {
    drafts.set({ values, pending }, record);
    clearTimeout(draftAlarm);
    draftAlarm = setTimeout(() => {
      if (currentId() !== record) return;
      // A draft that does not reach the server is still kept here, and the next change tries again.
      api.saveDraft(name, record, { values, pending, seconds: clocks.seconds(record) }).catch(() => undefined);
    }, DRAFT_MS);
  }

  /** Hands in the current record and shows the next at once. */
  function submit(step: string, answer: Answer): void {
    const record = pin();
    const work = workOf(record);
    if (record === null || !work) return;
    const after: DeskState = { opened: null, works: { ...store.state.works, [record]: work } };
    const stop = store.observe((change) => acts.set(change, { record, answer }));
    deliver(record, work, answer);
    store.change(step, after);
    stop();
    supply.keepOrder();
    alive();
  }

  function deliver(record: string, work: Work, answer: Answer): void {
    const item = items.get(record);
    if (!item) return;
    const values = finished(work, fields);
    const said = sayOf(values, answer);
    const last = answered.get(record) ?? before(item);
    supply.drop([record]);
    clearTimeout(draftAlarm);
    drafts.drop(record);
    const seconds = clocks.seconds(record);
    clocks.drop(record);
    items.set(record, { ...item, draft: null });
    if (last?.said === said) return;
    const id = uuid();
    const supersedes = last?.annotation ?? last?.id;
    answered.set(record, { id, annotation: null, status: answer.status, said, work });
    const submission: Omit<Submission, 'want' | 'have'> = {
      id,
      record,
      values,
      ...answer,
      seconds,
      schema_version: schema.version,
      suggested: shownSuggestions(item),
      ...(supersedes != null ? { supersedes } : {}),
    };
    post.add(name, submission, item.text.slice(0, 80));
    if (supply.upcoming.length === 0) void supply.more();
  }

  /** The answer that the server told of, for a record that was opened again. */
  function before(item: Item): Answered | undefined {
    if (!item.answer) return undefined;
    const { annotation, status, values } = item.answer;
    return { id: null, annotation, status, said: sayOf(values, { status }) };
  }

  function stepBack(): string | null {
    const record = currentId();
    const change = undo.undo();
    if (change) settle(record);
    return change?.name ?? null;
  }

  function stepForward(): string | null {
    const record = currentId();
    const change = undo.redo();
    if (!change) return null;
    const act = acts.get(change);
    const work = act && change.after.works[act.record];
    if (act && work) deliver(act.record, work, act.answer);
    settle(record);
    return change.name;
  }

  /** After undo and redo: the draft is what is now shown; earlier work that was left has none. */
  function settle(left: string | null): void {
    const record = currentId();
    if (left !== null && left !== record && !supply.upcoming.includes(left)) drafts.drop(left);
    const said = record === null ? undefined : store.state.works[record];
    if (record !== null && said) keepDraft(record, said);
    supply.keepOrder();
    alive();
  }

  /** Opens one's own earlier work to look at it again or correct it. */
  async function open(step: string, record: string): Promise<void> {
    if (record === currentId()) return;
    if (!items.has(record)) items.set(record, await api.ownItem(name, record));
    show(step, record);
  }

  function show(step: string, record: string, works = store.state.works): void {
    pin();
    putAside();
    store.change(step, { opened: record, works: { ...store.state.works, ...works } });
    supply.keepOrder();
    alive();
  }

  /** Opens the record of an answer that the server has not taken, with what that said: handed in again, it corrects what stands there. */
  async function reopen(step: string, { submission }: Unsent): Promise<void> {
    const { record, values, seconds, comment = '' } = submission;
    const item = await api.ownItem(name, record);
    items.set(record, { ...item, draft: null });
    answered.delete(record);
    clocks.begin(record, seconds);
    const work = { ...beginWork(fields, { ...item, draft: { values, pending: {} } }), comment };
    show(step, record, { [record]: work });
    keepDraft(record, work);
    post.discard(submission.id);
  }

  /** Back to the queue, leaving the opened record's answer as it was. */
  function close(step: string): void {
    const record = pin();
    if (record === null || supply.upcoming.includes(record)) return;
    clearTimeout(draftAlarm);
    drafts.drop(record);
    // The draft of an answer that stands: should it stay on the server, it is only offered again.
    api.dropDraft(name, record).catch(() => undefined);
    putAside();
    const { [record]: _, ...others } = store.state.works;
    const stands = answered.get(record)?.work;
    store.change(step, { works: stands ? { ...others, [record]: stands } : others, opened: null });
    supply.keepOrder();
    alive();
  }

  /** A sign of life on the current record. */
  function alive(): void {
    const record = currentId();
    if (record !== null) clocks.alive(record);
  }

  /** The clock of the current record stands still: the page is hidden, or another record is opened. */
  function putAside(): void {
    const record = currentId();
    if (record !== null) clocks.pause(record);
  }

  /** Keeps the leases; records that somebody else has meanwhile go, unless work on them has begun. */
  async function renew(): Promise<void> {
    const asked = supply.upcoming;
    if (asked.length === 0) return;
    const held = new Set((await api.renew(name, asked)).records);
    const gone = asked.filter((record) => !held.has(record));
    const begun = gone.filter((record) => record === currentId() || store.state.works[record]);
    lost = new Set([...lost, ...begun].filter((record) => !held.has(record)));
    supply.drop(gone.filter((record) => !begun.includes(record)));
    await supply.more();
  }

  return {
    post,
    fields,
    undo,
    get project() {
      return project;
    },
    get current() {
      return current;
    },
    get upcoming() {
      return supply.upcoming;
    },
    get progress() {
      return supply.progress;
    },
    get fetching() {
      return supply.fetching;
    },
    get fetchTrouble() {
      return supply.trouble;
    },
    /** Whether the open record is earlier work, out of the queue. */
    get reopened() {
      const record = currentId();
      return record !== null && !supply.upcoming.includes(record);
    },
    /** The lease of the current record ran out: the answer is kept, but perhaps as surplus. */
    get late() {
      const record = currentId();
      return record !== null && lost.has(record);
    },
    edit,
    submit,
    stepBack,
    stepForward,
    open,
    reopen,
    close,
    alive,
    putAside,
    renew,
    fetchMore: supply.more,
    /** The project was read again: its guidelines and settings may be others. */
    refresh(again: Project) {
      project = again;
    },
    stop() {
      clearTimeout(draftAlarm);
    },
  };
}
