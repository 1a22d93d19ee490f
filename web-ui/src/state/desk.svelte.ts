/**
 * The desk: one person's work in one project. It holds the records fetched ahead, what was said of each, and the way back; answers leave
 * through the outbox while the next record is already shown.
 */

import { ApiError } from '$/api/client';
import type { Item, NextAnswer, Progress, Project, Status, Submission, SubmitAnswer, Values } from '$/api/types';
import { newTimer, pause, secondsOf, touch, type Timer } from '$/model/timer';
import { uuid as newUuid } from '$/model/uuid';
import { beginWork, finished, shownSuggestions, type Work } from '$/model/work';
import { keepDrafts } from './keeping';
import { createOutbox, type Failure, type OutboxState } from './outbox';
import { createStore, type Change } from './store.svelte';
import { watchUndo } from './undo.svelte';

export interface WorkApi {
  nextItems(project: string, count: number, have: string[]): Promise<NextAnswer>;
  submit(project: string, submission: Submission): Promise<SubmitAnswer>;
  renew(project: string, records: string[]): Promise<{ records: string[] }>;
  release(project: string, records: string[]): Promise<unknown>;
  saveDraft(project: string, record: string, values: Values): Promise<unknown>;
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

export const AHEAD = 3;
const DRAFT_MS = 900;

const sayOf = (values: Values, answer: Answer): string => JSON.stringify([values, answer.status, answer.reason, answer.comment]);

export interface DeskParts {
  project: Project;
  person: string;
  api: WorkApi;
  storage: Storage;
  now?: () => number;
  uuid?: () => string;
  messageOf: (error: unknown) => string;
  /** Told of every answer that the server has taken. */
  taken?: (answer: SubmitAnswer) => void;
  exclusively?: (run: () => Promise<void>) => Promise<void>;
}

export type Desk = ReturnType<typeof createDesk>;

export function createDesk(parts: DeskParts) {
  const { project, api } = parts;
  const now = parts.now ?? Date.now;
  const uuid = parts.uuid ?? newUuid;
  const fields = project.schema.fields;
  const place = `${encodeURIComponent(parts.person)}/${encodeURIComponent(project.name)}/`;

  const store = createStore<DeskState>({ opened: null, works: {} });
  const undo = watchUndo(store, (_, kept) => kept);
  const items = new Map<string, Item>();
  const answered = new Map<string, Answered>();
  const timers = new Map<string, Timer>();
  const acts = new WeakMap<Change<DeskState>, { record: string; answer: Answer }>();
  const drafts = keepDrafts(parts.storage, `goldleaf.draft/${place}`);

  let upcoming = $state.raw<string[]>([]);
  let progress = $state.raw<Progress | null>(null);
  let sending = $state.raw<OutboxState>({ unsent: [], phase: 'idle', trouble: null, retryAt: null });
  let fetching = $state<'idle' | 'busy' | 'empty' | 'failed'>('idle');
  let fetchTrouble = $state<string | null>(null);
  let lost = $state.raw<ReadonlySet<string>>(new Set());
  let draftAlarm: ReturnType<typeof setTimeout> | undefined;

  const outbox = createOutbox({
    storage: parts.storage,
    prefix: `goldleaf.unsent/${place}`,
    send: (submission) => {
      const held = upcoming.filter((record) => record !== submission.record);
      return api.submit(project.name, { ...submission, want: Math.max(0, AHEAD - held.length), have: held });
    },
    judge,
    onAnswer: (unsent, answer) => {
      const { record, id } = unsent.submission;
      const last = answered.get(record);
      if (last?.id === id) answered.set(record, { ...last, annotation: answer.annotation });
      receive(answer);
      parts.taken?.(answer);
    },
    onChange: (state) => {
      sending = state;
    },
    ...(parts.exclusively ? { exclusively: parts.exclusively } : {}),
  });
  sending = outbox.state;

  function judge(error: unknown): Failure {
    const message = parts.messageOf(error);
    if (!(error instanceof ApiError) || error.passing) {
      return { kind: 'passing', message, retryAfter: error instanceof ApiError ? error.retryAfter : null };
    }
    return { kind: error.status === 401 ? 'signed-out' : 'refused', message };
  }

  function receive(answer: NextAnswer): void {
    const unsent = new Set(outbox.state.unsent.map((entry) => entry.submission.record));
    const fresh = answer.items.filter((item) => !upcoming.includes(item.record) && !unsent.has(item.record));
    for (const item of fresh) {
      items.set(item.record, item);
      answered.delete(item.record);
    }
    if (fresh.length > 0) upcoming = [...upcoming, ...fresh.map((item) => item.record)];
    progress = answer.progress;
    fetching = upcoming.length > 0 ? 'idle' : fresh.length === 0 && answer.items.length === 0 ? 'empty' : fetching;
  }

  async function fetchMore(): Promise<void> {
    if (fetching === 'busy') return;
    fetching = 'busy';
    try {
      const answer = await api.nextItems(project.name, AHEAD - upcoming.length, [
        ...upcoming,
        ...outbox.state.unsent.map((entry) => entry.submission.record),
      ]);
      fetching = 'idle';
      fetchTrouble = null;
      receive(answer);
    } catch (error) {
      fetching = 'failed';
      fetchTrouble = parts.messageOf(error);
    }
  }

  const currentId = (): string | null => store.state.opened ?? upcoming[0] ?? null;

  function itemOf(record: string | null): Item | null {
    return record === null ? null : (items.get(record) ?? null);
  }

  function workOf(record: string | null): Work | null {
    const item = itemOf(record);
    if (!item || record === null) return null;
    const said = store.state.works[record];
    if (said) return said;
    const kept = drafts.get(record);
    return beginWork(fields, kept ? { ...item, draft: { values: kept as Values } } : item);
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
  function edit(name: string, change: (work: Work) => Work): void {
    const record = currentId();
    const before = workOf(record);
    if (record === null || !before) return;
    const after = change(before);
    if (after === before || JSON.stringify(after) === JSON.stringify(before)) return;
    pin();
    alive();
    store.change(name, { ...store.state, works: { ...store.state.works, [record]: after } });
    keepDraft(record, after);
  }

  function keepDraft(record: string, work: Work): void {
    drafts.set(record, work.values);
    clearTimeout(draftAlarm);
    draftAlarm = setTimeout(() => {
      if (currentId() !== record) return;
      // A draft that does not reach the server is still kept here, and the next change tries again.
      api.saveDraft(project.name, record, finished(work, fields)).catch(() => undefined);
    }, DRAFT_MS);
  }

  /** Hands in the current record and shows the next at once. */
  function submit(name: string, answer: Answer): void {
    const record = pin();
    const work = workOf(record);
    if (record === null || !work) return;
    const after: DeskState = { opened: null, works: { ...store.state.works, [record]: work } };
    const stop = store.observe((change) => acts.set(change, { record, answer }));
    deliver(record, work, answer);
    store.change(name, after);
    stop();
    alive();
  }

  function deliver(record: string, work: Work, answer: Answer): void {
    const item = items.get(record);
    if (!item) return;
    const values = finished(work, fields);
    const said = sayOf(values, answer);
    const last = answered.get(record) ?? before(item);
    upcoming = upcoming.filter((other) => other !== record);
    clearTimeout(draftAlarm);
    drafts.drop(record);
    if (last?.said === said) return;
    const id = uuid();
    answered.set(record, { id, annotation: null, status: answer.status, said, work });
    const submission: Omit<Submission, 'want' | 'have'> = {
      id,
      record,
      values,
      ...answer,
      seconds: secondsOf(timers.get(record) ?? newTimer(), now()),
      schema_version: project.schema.version,
      suggested: shownSuggestions(item),
      ...(last?.annotation != null ? { supersedes: last.annotation } : {}),
    };
    timers.delete(record);
    const corrects = last?.annotation == null ? last?.id : null;
    outbox.add(submission, { textStart: item.text.slice(0, 80), ...(corrects ? { corrects } : {}) });
    if (upcoming.length === 0 && fetching !== 'busy') void fetchMore();
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
    if (left !== null && left !== record && !upcoming.includes(left)) drafts.drop(left);
    const said = record === null ? undefined : store.state.works[record];
    if (record !== null && said) keepDraft(record, said);
    alive();
  }

  /** Opens one's own earlier work to look at it again or correct it. */
  async function open(name: string, record: string): Promise<void> {
    if (record === currentId()) return;
    if (!items.has(record)) items.set(record, await api.ownItem(project.name, record));
    pin();
    putAside();
    store.change(name, { ...store.state, opened: record });
    alive();
  }

  /** Back to the queue, leaving the opened record's answer as it was. */
  function close(name: string): void {
    const record = pin();
    if (record === null || upcoming.includes(record)) return;
    clearTimeout(draftAlarm);
    drafts.drop(record);
    // The draft of an answer that stands: should it stay on the server, it is only offered again.
    api.dropDraft(project.name, record).catch(() => undefined);
    putAside();
    const { [record]: _, ...others } = store.state.works;
    const stands = answered.get(record)?.work;
    store.change(name, { works: stands ? { ...others, [record]: stands } : others, opened: null });
    alive();
  }

  /** A sign of life on the current record. */
  function alive(): void {
    const record = currentId();
    if (record !== null) timers.set(record, touch(timers.get(record) ?? newTimer(now()), now()));
  }

  /** The clock of the current record stands still: the page is hidden, or another record is opened. */
  function putAside(): void {
    const record = currentId();
    const timer = record === null ? undefined : timers.get(record);
    if (record !== null && timer) timers.set(record, pause(timer, now()));
  }

  /** Keeps the leases; records that somebody else has meanwhile go, unless work on them has begun. */
  async function renew(): Promise<void> {
    if (upcoming.length === 0) return;
    const asked = upcoming;
    const held = new Set((await api.renew(project.name, asked)).records);
    const gone = asked.filter((record) => !held.has(record));
    const begun = gone.filter((record) => record === currentId() || store.state.works[record]);
    lost = new Set([...lost, ...begun].filter((record) => !held.has(record)));
    upcoming = upcoming.filter((record) => !gone.includes(record) || begun.includes(record));
    if (upcoming.length < AHEAD) await fetchMore();
  }

  return {
    project,
    fields,
    undo,
    get current() {
      return current;
    },
    get upcoming() {
      return upcoming;
    },
    get progress() {
      return progress;
    },
    get sending() {
      return sending;
    },
    get fetching() {
      return fetching;
    },
    get fetchTrouble() {
      return fetchTrouble;
    },
    /** Whether the open record is earlier work, out of the queue. */
    get reopened() {
      const record = currentId();
      return record !== null && !upcoming.includes(record);
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
    close,
    alive,
    putAside,
    renew,
    fetchMore,
    flush: () => outbox.flush(),
    discard: (id: string) => outbox.discard(id),
    seconds: () => secondsOf(timers.get(currentId() ?? '') ?? newTimer(), now()),
    stop() {
      clearTimeout(draftAlarm);
      outbox.stop();
    },
  };
}
